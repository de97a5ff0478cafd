"""The books balance (X4)."""

from copy import deepcopy

import pytest

from schemas.dead import Reason
from streams.journal.books import Books, PartitionRow


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
