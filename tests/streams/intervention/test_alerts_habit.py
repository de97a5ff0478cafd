"""A habitual transfer is still flagged: the reason says so, and the priority is lower (T1, T3)."""

from typing import Any

from schemas.instant import HOUR
from tests.reference.lines import at, credit, out, to
from tests.streams.builders import file_of, rules
from tests.streams.intervention.test_alerts import tasks_of


def months(count: int, amount: int = 400_000) -> list[dict[str, Any]]:
    """A rent, month after month: each its own cycle."""
    return [
        line
        for n in range(count)
        for line in (
            credit(f"p{n}", at(35 * n), 1_000_000),
            out(f"x{n}", at(35 * n + 2, 9), amount + n, **to("landlord")),
        )
    ]


def test_a_habitual_transfer_is_flagged_with_its_usual_amount_day_and_hour_and_a_lower_priority() -> None:
    first, *_, last = tasks_of(*months(4))
    assert first.reasons[0].habitual is None
    assert first.priority == 80
    (reason,) = last.reasons
    assert reason.habitual is not None, "the fourth rent is not habitual"
    assert (reason.habitual.amount, reason.habitual.day, reason.habitual.hour) == (400_001, 2, 9)
    assert last.priority == 40
    assert last.pattern is None or last.pattern == "settled_mover"


def test_something_else_on_top_of_a_habit_has_full_priority() -> None:
    *_, habit, more = tasks_of(*months(4), out("y", at(35 * 3 + 4), 100_000))
    assert (habit.priority, more.priority) == (40, 80)
    assert [reason.habitual is None for reason in more.reasons] == [False, True]


def test_the_playbook_decides_priorities_and_deadlines() -> None:
    by = rules(alert={"priority": 7, "habitual_priority": 3, "first_contact_hours": 1, "close_hours": 2})
    first, *_, last = tasks_of(*months(4), by=by)
    assert (first.priority, last.priority) == (7, 3)
    assert (first.first_contact_due, first.close_due) == (
        first.created_at + HOUR,
        first.created_at + 2 * HOUR,
    )


def test_a_settled_mover_is_named_in_the_task() -> None:
    lines = months(3, amount=900_000)
    result = file_of(*lines)
    assert [task.pattern for task in result.tasks if task.version == 1] == [None, None, "settled_mover"]
