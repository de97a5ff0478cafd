"""Habitual: the same counterparty, about the amount and day, in three of the last four cycles (T3)."""

from fractions import Fraction as Exact
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.detection.habit import habits_of, usual
from streams.state.posting import Effect
from streams.state.remembered import Habit, LeavingTransfer, Past
from tests.streams.builders import SHIPPED, posting, thorough, when


def past(*habits: Habit) -> Past:
    return Past(0, "loyal", list(habits), False)


def move(amount: int = 100, who: str | None = "t", where: str | None = "b") -> Any:
    return posting("x", when(1), Effect.LEAVING, amount, who=who, where=where)


RENT = Habit(1, 9, 100, "b", "t")
OTHER = Habit(1, 9, 100, "b", "u")


@pytest.mark.parametrize(
    ("history", "habitual"),
    [
        ([], False),
        ([RENT, RENT], False),
        ([RENT, RENT, RENT], True),
        ([RENT, OTHER, RENT, RENT], True),
        ([RENT, RENT, OTHER, OTHER], False),
        ([RENT, RENT, RENT, OTHER, OTHER], False),  # three, but only one of them among the last four
        ([OTHER, RENT, RENT, OTHER, RENT], True),
    ],
)
def test_three_of_the_last_four_cycles_make_a_habit(history: list[Habit], habitual: bool) -> None:
    assert (usual(move(), 1, [past(one) for one in history], SHIPPED) is not None) is habitual


def test_three_times_in_one_cycle_is_no_habit() -> None:
    assert usual(move(), 1, [past(RENT, RENT, RENT), past(), past()], SHIPPED) is None


@pytest.mark.parametrize(("who", "where"), [(None, None), ("u", "b"), ("t", "c"), (None, "b"), ("t", None)])
def test_another_counterparty_or_none_is_no_habit(who: str | None, where: str | None) -> None:
    assert usual(move(who=who, where=where), 1, [past(RENT)] * 4, SHIPPED) is None


@pytest.mark.parametrize(("who", "where"), [("", "b"), ("t", ""), ("", "")])
def test_strangers_without_an_account_or_a_bank_are_no_habit(who: str, where: str) -> None:
    # States of earlier versions hold such: an empty counterparty made one habit of them all.
    strangers = past(Habit(RENT.day, RENT.hour, RENT.amount, where, who))
    assert usual(move(who=who, where=where), 1, [strangers] * 4, SHIPPED) is None


@thorough
@given(st.integers(1, 10**15), st.integers(1, 10**15), st.integers(-5, 40))
@example(100, 90, 1)
@example(100, 110, 1)
@example(100, 89, 1)
@example(100, 111, 1)
@example(110, 100, 1)
@example(111, 100, 1)
@example(100, 100, 3)
@example(100, 100, 4)
def test_within_a_tenth_of_this_amount_and_two_days_of_this_day(amount: int, before: int, day: int) -> None:
    found = usual(move(amount), day, [past(Habit(1, 9, before, "b", "t"))] * 3, SHIPPED)
    expected = abs(before - amount) <= Exact(amount, 10) and abs(day - 1) <= 2
    assert (found is not None) is expected


@thorough
@given(
    st.lists(st.tuples(st.integers(90, 110), st.integers(0, 3), st.integers(0, 23)), min_size=3, max_size=4)
)
def test_the_usual_is_something_that_was_seen_in_the_middle(seen: list[tuple[int, int, int]]) -> None:
    history = [past(Habit(day, hour, amount, "b", "t")) for amount, day, hour in seen]
    found = usual(move(), 1, history, SHIPPED)
    assert found is not None
    for value, column in zip(found, zip(*seen, strict=True), strict=True):
        assert value in column, "the usual was never seen"
        assert sum(one < value for one in column) <= len(column) // 2
        assert sum(one > value for one in column) <= len(column) // 2


def test_what_is_remembered_is_every_transfer_with_a_counterparty() -> None:
    sent = [
        LeavingTransfer("x", when(1), 1, 9, 100, "b", "t", False),
        LeavingTransfer("y", when(1), 1, 9, 100, None, None, False),
        LeavingTransfer("z", when(2), 2, 10, 50, "", "", True),
    ]
    assert habits_of(sent) == [Habit(1, 9, 100, "b", "t")], "empty means null"
