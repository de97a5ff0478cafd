"""Habitual transfers: the same counterparty, amount and day, cycle after cycle (T3)."""

from collections.abc import Iterable

from streams.playbook.rules import Rules
from streams.state.posting import Posting
from streams.state.remembered import Habit, LeavingTransfer, Past


def habits_of(leaving: Iterable[LeavingTransfer]) -> list[Habit]:
    """The transfers of an ended cycle that a later one can be compared with (a counterparty is known)."""
    return [
        Habit(one.day, one.hour, one.amount, one.bank, one.ref) for one in leaving if one.bank and one.ref
    ]


def usual(posting: Posting, day: int, history: list[Past], rules: Rules) -> tuple[int, int, int] | None:
    """The habit a leaving transfer on this day of its cycle belongs to: its usual amount (minor
    units), day and local hour; None if it is not habitual."""
    if not posting.who or not posting.where or len(history) < rules.habit_at_least:
        return None
    alike = [
        match
        for past in history[-rules.habit_of_last :]
        if (match := _match(posting, day, past.habits, rules)) is not None
    ]
    if len(alike) < rules.habit_at_least:
        return None
    return (
        _middle(match.amount for match in alike),
        _middle(match.day for match in alike),
        _middle(match.hour for match in alike),
    )


def _match(posting: Posting, day: int, habits: list[Habit], rules: Rules) -> Habit | None:
    tolerance = rules.habit_amount
    for habit in habits:
        if (
            habit.ref == posting.who
            and habit.bank == posting.where
            and abs(habit.day - day) <= rules.habit_days
            and abs(habit.amount - posting.amount) * tolerance.bottom <= tolerance.top * posting.amount
        ):
            return habit
    return None


def _middle(values: Iterable[int]) -> int:
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2]
