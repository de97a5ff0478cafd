"""Deadlines of one account that lie seconds apart all fire, however often the clock ticks (J8)."""

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schemas.instant import SECOND
from tests.reference.lines import at, credit, out
from tests.streams.builders import Kept, later, when

examined = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
seconds = st.integers(0, 119)
within_minutes = st.lists(
    st.tuples(seconds, st.sampled_from(["credit", "credit", "out", "undo"])), min_size=1, max_size=4
)


def in_seconds(what: list[tuple[int, str]]) -> list[dict[str, Any]]:
    lines = []
    for n, (second, kind) in enumerate(what):
        line = {
            "credit": credit(f"e{n}", at(0), 1_000),
            "undo": credit(f"e{n}", at(0), 1_000, reverses="e0"),
            "out": out(f"e{n}", at(0), 100),
        }[kind]
        lines.append(later(line, second))
    return lines


@examined
@given(within_minutes, st.lists(st.integers(0, 180), max_size=6))
@example([(0, "credit"), (20, "credit")], [5, 25])
def test_deadlines_within_one_minute_fire_however_often_the_clock_ticks(
    what: list[tuple[int, str]], ticks: list[int]
) -> None:
    fine = Kept().read(*in_seconds(what))
    for second in sorted(ticks):
        fine.tick(when(1) + second * SECOND)
    coarse = Kept().read(*in_seconds(what))
    assert fine.tick(when(60)).outcome == coarse.tick(when(60)).outcome, "a deadline was lost"


def test_a_deadline_later_in_the_minute_that_has_begun_is_not_lost() -> None:
    kept = Kept().read(later(credit("p", at(0), 1_000), 30))
    for second in range(0, 60, 5):
        kept.tick(when(1) + second * SECOND)
    assert kept.accounts["a"].cycle is not None, "looked at too early, and never again"


def test_two_credits_in_one_minute_do_not_keep_a_cycle_from_closing() -> None:
    kept = Kept().read(credit("p", at(0), 1_000), later(credit("q", at(0), 50), 20))
    for second in range(0, 60, 5):
        kept.tick(when(1) + second * SECOND)
    facts = kept.tick(when(60)).take().facts
    assert [fact.fact for fact in facts] == ["account_cycle", "curve_point", "curve_point"], "it never closed"
