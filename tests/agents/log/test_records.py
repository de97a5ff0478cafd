"""A record set: records and the fetch positions that enclose them."""

import pytest

from agents.log.records import RECORD_BYTES, TP, RecordSet
from tests.agents.recordset.builders import IN, Record, record_set


def test_a_set_knows_the_positions_it_spans_and_its_bytes() -> None:
    cut = RecordSet.cut(IN, 5, 9, [Record(5, b"four"), Record(7, b"two")])
    assert (cut.tp, cut.start, cut.end) == (TP("in", 0), 5, 9)
    assert cut.size == 7 + 2 * RECORD_BYTES, "the bytes of the values, and what a record takes beside"


def test_a_flood_of_tombstones_is_not_free() -> None:
    assert RecordSet.cut(IN, 0, 1, [Record(0, None)]).size == RECORD_BYTES


def test_a_set_of_control_records_only_is_empty_but_spans_them() -> None:
    cut = record_set(3, 4, [])
    assert (cut.start, cut.end, list(cut.records), cut.size) == (3, 4, [], 0)


def test_compacted_gaps_lie_inside_the_positions() -> None:
    assert [record.offset for record in record_set(0, 100, [40, 90]).records] == [40, 90]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("start", "end"), [(6, 9), (5, 8), (0, 5), (9, 20), (5, 5), (9, 5)])
def test_positions_that_do_not_enclose_the_records_are_an_error(start: int, end: int) -> None:
    with pytest.raises(AssertionError, match=r"in.*records outside the positions"):
        record_set(start, end, [5, 6, 8])


def test_a_set_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        record_set(0, 1).end = 7  # type: ignore[misc]
