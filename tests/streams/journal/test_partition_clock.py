"""The clock of a partition: what moves it, and what lies too far ahead of it (J5, J6)."""

import pytest
from hypothesis import HealthCheck, settings

from schemas.dead import Reason, Rejection
from schemas.instant import MINUTE
from tests.reference.lines import at, credit, out, tick
from tests.streams.builders import TASK_EVENT, Kept, record, when

examined = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def test_a_clock_never_goes_back() -> None:
    kept = Kept().read(tick(at(5)), tick(at(3)))
    assert kept.partition.clock == when(5)
    assert kept.partition.row.books.applied == 2, "a smaller tick is ignored, not refused"


@pytest.mark.parametrize(("minutes", "refused"), [(5, False), (6, True), (60 * 24 * 365, True), (-30, False)])
@pytest.mark.parametrize("together", [True, False])
def test_a_tick_too_far_after_its_record_s_timestamp_moves_no_clock(
    minutes: int, refused: bool, together: bool
) -> None:
    line = record(tick(at(5, 12, minutes)))
    line.timestamp = when(5) // 1_000
    kept = Kept().read(tick(at(5, 10, 56)))
    if together:
        kept.read_together([line, record(credit("p", at(5, 11), 1))])
    else:
        kept.read(line, credit("p", at(5, 11), 1))
    assert [(dead.place, dead.rejection) for dead in kept.take().dead] == [
        (1, Rejection(Reason.FUTURE_TIMESTAMP, "instant"))
    ] * refused
    assert kept.partition.clock == (when(5, 10, 56) if refused else when(5, 12, minutes))
    assert kept.partition.row.books.balanced


def test_a_tick_without_a_timestamp_is_not_judged() -> None:
    assert Kept().read(tick(at(5)), tick(at(9_000))).partition.clock == when(9_000)


def test_before_the_first_tick_nothing_is_late() -> None:
    kept = Kept().read(credit("p", at(90), 100), credit("o", at(0), 100))
    assert (kept.partition.clock, kept.partition.row.books.applied) == (None, 2)


def test_without_ticks_the_postings_move_the_clock() -> None:
    kept = Kept(ticking=False).read(credit("p", at(9), 100), credit("o", at(0), 100))
    assert kept.partition.clock == when(9)
    assert kept.partition.row.books.dead == {Reason.TOO_LATE: 1}


@pytest.mark.parametrize(
    ("stamp", "minutes", "refused"),
    [(None, 5, False), (None, 6, True), (10, 15, False), (10, 16, True), (-10, 5, False), (-10, 6, True)],
)
def test_the_future_is_five_minutes_after_the_later_of_clock_and_timestamp(
    stamp: int | None, minutes: int, refused: bool
) -> None:
    line = record(out("x", at(0, 12, minutes), 1))
    line.timestamp = None if stamp is None else (when(0) + stamp * MINUTE) // 1_000
    kept = Kept().read(tick(at(0)), line).take()
    assert [dead.rejection.reason for dead in kept.dead] == [Reason.FUTURE_TIMESTAMP] * refused


def test_without_ticks_the_future_is_not_judged() -> None:
    line = record(out("x", at(9), 1))
    line.timestamp = when(0) // 1_000
    assert Kept(ticking=False).read(credit("p", at(0), 1), line).take().dead == []


def test_without_ticks_the_future_of_a_task_event_is_not_judged_either() -> None:
    assert Kept(ticking=False).read(credit("p", at(0), 1), TASK_EVENT).take().dead == []
