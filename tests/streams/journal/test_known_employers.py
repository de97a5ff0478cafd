"""The coordinator's answers in a journal partition: in force by instant, replaced, gone (A5, A6, A9, E2)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.answers import EmployerAnswer
from schemas.instant import DAY, from_datetime
from schemas.playbook import PlaybookRef
from streams.journal.books import PartitionRow
from streams.journal.control import ControlFormatError
from streams.journal.eventsfile import Line
from streams.journal.known_employers import KEPT_FOR, PREFIX, KnownEmployers
from streams.journal.partition import Partition
from streams.journal.row import decode_row, encode_row
from streams.state.keys import is_account
from tests.reference.lines import tick
from tests.streams.builders import SHIPPED, record, store

FIRST = datetime(2026, 3, 1, 1, tzinfo=UTC)
NINE = from_datetime(FIRST)
"""09:00 in Shanghai."""


def answer(heads: int, day: int = 0, *, employer: str = "e", gone: bool = False) -> EmployerAnswer:
    """Said at 04:00 of a day, counted from the first; holds from its 09:00."""
    return EmployerAnswer(
        type="employer",
        employer_id=employer,
        at=NINE + day * DAY - 5 * DAY // 24,
        holds_from=NINE + day * DAY,
        head_count=heads,
        last_payday=None,
        gone=gone,
        playbook=PlaybookRef(name="default", version=1),
    )


class Kept:
    """The answers of a partition and their table."""

    def __init__(self) -> None:
        self.table: dict[bytes, bytes] = {}
        self.known = KnownEmployers(self.table)

    def read(self, one: EmployerAnswer, clock: int | None) -> "Kept":
        self.known.note(one, clock)
        return self

    def take(self) -> "Kept":
        store(self.table, self.known.take())
        return self

    def restart(self) -> "Kept":
        self.known = KnownEmployers(self.take().table)
        return self

    def heads(self, instant: int, employer: str = "e") -> int | None:
        found = self.known.at(employer, instant)
        return None if found is None else found.head_count


def test_an_answer_holds_from_its_nine_o_clock_on_and_the_one_before_until_then() -> None:
    kept = Kept().read(answer(5), NINE - 1).read(answer(6, day=1), NINE + DAY - 1)
    assert [kept.heads(NINE - 1), kept.heads(NINE), kept.heads(NINE + DAY - 1)] == [None, 5, 5]
    assert kept.heads(NINE + DAY) == 6


def test_one_that_is_read_late_holds_from_the_clock_at_its_reading() -> None:
    kept = Kept().read(answer(5), NINE).read(answer(6), NINE + 7)
    assert [kept.heads(NINE + 6), kept.heads(NINE + 7)] == [5, 6], (
        "a deadline that is due before sees another"
    )


def test_of_two_that_are_still_ahead_the_one_read_last_holds() -> None:
    kept = Kept().read(answer(5), NINE - 2).read(answer(6), NINE - 1)
    assert kept.heads(NINE) == 6


def test_before_there_is_a_clock_an_answer_holds_from_its_own_instant() -> None:
    kept = Kept().read(answer(5), None)
    assert [kept.heads(NINE - 1), kept.heads(NINE)] == [None, 5]


def test_employers_are_kept_apart_even_if_one_s_id_begins_another_s() -> None:
    kept = Kept().read(answer(5, employer="e"), NINE).read(answer(7, employer="ee"), NINE)
    assert [kept.heads(NINE, one) for one in ("e", "ee", "eee")] == [5, 7, None]


def test_what_was_replaced_long_ago_is_dropped() -> None:
    kept = Kept()
    for day in range(400):
        kept.read(answer(day, day=day), NINE + day * DAY)
    [row] = kept.take().table.values()
    later = Kept()
    for day in range(800):
        later.read(answer(day, day=day), NINE + day * DAY)
    [much_later] = later.take().table.values()
    assert len(much_later) <= len(row) + 200, "a row grows for ever"
    assert kept.heads(NINE + 399 * DAY - KEPT_FOR) is not None, "a deadline that waits finds nothing"


def test_a_gone_employer_is_unknown_from_its_instant_on_and_later_leaves_the_table() -> None:
    kept = Kept().read(answer(5), NINE).read(answer(5, day=2, gone=True), NINE + DAY)
    assert [kept.heads(NINE + 2 * DAY - 1), kept.heads(NINE + 2 * DAY)] == [5, None]
    kept.take().read(answer(9, employer="another"), NINE + 2 * DAY + KEPT_FOR - 1)
    assert len(kept.take().table) == 2
    kept.read(answer(8, employer="another"), NINE + 2 * DAY + KEPT_FOR)
    assert [*kept.take().table] == [PREFIX + b"another"]


def test_a_gone_employer_that_is_heard_of_again_stays() -> None:
    kept = Kept().read(answer(5, gone=True), NINE).read(answer(6, day=1), NINE + DAY)
    kept.read(answer(9, employer="another"), NINE + 2 * KEPT_FOR)
    assert kept.heads(NINE + 2 * KEPT_FOR) == 6


def test_a_row_of_a_newer_version_stops_the_worker_with_advice() -> None:
    kept = Kept().read(answer(5), NINE).take()
    [key] = kept.table
    kept.table[key] = kept.table[key].replace(b"\x93\x01", b"\x93\x02", 1)
    with pytest.raises(ControlFormatError, match="format 2"):
        KnownEmployers(kept.table)


STEPS = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.integers(0, 150),
        st.sampled_from(["e", "f"]),
        st.booleans(),
        st.sampled_from(["nothing", "take", "restart", "mark"]),
    ),
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_where_sets_are_cut_restarts_and_what_was_taken_back_decide_nothing(
    steps: list[tuple[int, int, str, bool, str]],
) -> None:
    whole, cut = Kept(), Kept()
    clock = NINE
    for number, (ahead, hours, employer, gone, what) in enumerate(steps):
        clock += hours * DAY // 24
        day = (clock - NINE) // DAY + ahead // 20
        one = answer(number, day=day, employer=employer, gone=gone)
        whole.read(one, clock)
        if what == "mark":
            mark = cut.known.mark()
            cut.read(answer(999, day=day, employer="f", gone=not gone), clock + KEPT_FOR)
            cut.known.return_to(mark)
        cut.read(one, clock)
        if what == "take":
            cut.take()
        elif what == "restart":
            cut.restart()
    assert whole.take().table == cut.take().table
    for employer in ("e", "f"):
        for back in range(0, 120, 7):
            assert whole.heads(clock - back * DAY, employer) == cut.heads(clock - back * DAY, employer)


# --- in a partition ---


def line(one: EmployerAnswer) -> Line:
    return Line("payday.journal.v1", None, one.model_dump_json().encode())


def test_a_partition_takes_an_answer_as_a_control_row_and_counts_it_as_applied() -> None:
    table: dict[bytes, bytes] = {}
    partition = Partition(SHIPPED, table, PartitionRow())
    partition.read_all([record(tick(FIRST.isoformat())), line(answer(5))])
    outputs = partition.take()
    [key] = outputs.changed
    assert (key, is_account(key)) == (PREFIX + b"e", False)
    assert (outputs.dead, outputs.row.books.applied) == ([], 2)
    assert [one.counted_as for one in outputs.emitted] == ["watermark"], (
        "the tick's; an answer gives rise to nothing"
    )
    for changed, value in outputs.changed.items():
        table[changed] = value or b""
    again = Partition(SHIPPED, table, decode_row(encode_row(outputs.row)))
    again.read(line(answer(5, day=1, gone=True)))
    assert [*again.take().changed] == [key]
