"""What an events file would do to the clock of a service is known before anything is written."""

from typing import Any

from schemas.dead import Reason, Rejection
from schemas.instant import DAY
from streams.journal.eventsfile import Line
from streams.replay.survey import Survey, survey
from tests.reference.lines import at, credit, out, tick
from tests.streams.builders import SHIPPED, Values, record, when
from tests.streams.journals import playbook_line


def seen(*lines: Values, per_tick: int = 2, latest: int = when(1000)) -> Survey:
    given: list[Line | Rejection | None] = [record(line) for line in lines]
    return survey(given, lines_per_tick=per_tick, lateness=DAY, latest=latest)


def days(*numbers: int) -> list[Any]:
    return [out(f"x{place}", at(day), 1) for place, day in enumerate(numbers)]


def test_a_file_in_order_is_not_late() -> None:
    found = seen(*days(0, 1, 2, 3, 4))
    assert (found.records, found.late, found.ahead, found.ticking) == (5, 0, 0, False)
    assert found.begins == when(1), "the largest before the first tick"
    assert found.judged == 3


def test_newest_first_is_late_and_the_line_that_moved_the_clock_is_known() -> None:
    found = seen(*days(9, 8, 5, 4, 3))
    assert (found.late, found.judged) == (3, 3)
    assert (found.mover, found.moved_to) == (1, when(9))


def test_what_comes_before_the_first_tick_is_never_late() -> None:
    assert seen(*days(9, 8, 5, 4, 3), per_tick=5).late == 0


def test_a_line_ahead_of_the_time_moves_nothing() -> None:
    found = seen(*days(0, 500, 1, 2, 3), latest=when(100))
    assert (found.late, found.ahead, found.first_ahead) == (0, 1, 2)


def test_a_tick_makes_it_a_file_with_ticks() -> None:
    assert seen(tick(at(0)), *days(0)).ticking


def test_a_playbook_makes_it_a_file_with_a_playbook() -> None:
    own = playbook_line(SHIPPED.book.model_dump(mode="json"), at(0))
    assert seen(*days(0), own).has_playbook
    assert not seen(*days(0), tick(at(0))).has_playbook
    assert not seen(*days(0), playbook_line({"version": 2}, at(0))).has_playbook, "it will be refused"


def test_lines_that_are_no_postings_count_for_the_ticks_and_no_more() -> None:
    bad = Rejection(Reason.MALFORMED, "x")
    lines = [record(credit("p", at(0), 1)), None, bad, Line("payday.transfers.v1", None, b"{")]
    found = survey(lines, lines_per_tick=1, lateness=DAY, latest=when(9))
    assert (found.records, found.begins, found.late) == (2, when(0), 0)


def test_an_empty_file_begins_nowhere() -> None:
    assert seen().begins is None


def test_what_a_service_wrote_itself_is_no_record_of_the_file() -> None:
    own = record(out("x", at(0), 1))
    own.key = None
    own.headers = (("by", b"coordinator"),)
    given = [own, Line("payday.groups.v1", b"employer:e", b"{}", (("by", b"detector"),))]
    found = survey(given, lines_per_tick=1, lateness=DAY, latest=when(1000))
    assert (found.records, found.begins) == (0, None)
