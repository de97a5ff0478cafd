"""The books balance, and a partition's row survives being stored (X4)."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dead import Reason
from streams.journal.books import Books, PartitionRow, decode_row, encode_row
from tests.streams.builders import thorough

count = st.integers(0, 2**62)


@thorough
@given(
    st.builds(
        PartitionRow,
        position=count,
        clock=st.none() | st.integers(-(2**62), 2**62),
        topic_id=st.text(st.characters(codec="utf-8"), max_size=24),
        books=st.builds(
            Books,
            read=count,
            applied=count,
            duplicate=count,
            dead=st.dictionaries(st.sampled_from(list(Reason)), count),
        ),
    )
)
def test_a_row_that_is_stored_is_the_row_that_is_read(row: PartitionRow) -> None:
    assert decode_row(encode_row(row)) == row


def test_a_row_of_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match="format 2"):
        decode_row(encode_row(PartitionRow(format=2)))


@pytest.mark.parametrize("field", ["read", "applied", "duplicate"])
def test_books_with_one_record_too_many_do_not_balance(field: str) -> None:
    books = Books(read=6, applied=3, duplicate=1, dead={"invalid": 2})
    assert books.balanced
    setattr(books, field, getattr(books, field) + 1)
    assert not books.balanced, f"{field} is not in the balance"


def test_dead_letters_are_counted_by_reason() -> None:
    books = Books(read=3)
    for reason in (Reason.INVALID, Reason.TOO_LATE, Reason.INVALID):
        books.note_dead(reason)
    assert books.dead == {"invalid": 2, "too_late": 1}
    assert books.balanced


def test_rows_share_no_counters() -> None:
    one, other = PartitionRow(), PartitionRow()
    one.books.note_dead(Reason.INVALID)
    assert other.books.dead == {}
    copy = deepcopy(one)
    copy.books.note_dead(Reason.INVALID)
    assert one.books.dead == {"invalid": 1}
