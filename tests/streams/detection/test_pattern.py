"""What the last cycles say of a customer: a settled mover, loyal, or neither (T4)."""

from itertools import product

import pytest

from streams.detection.pattern import pattern_of
from streams.state.account import Account, Cycle
from streams.state.remembered import Past

CLASSES = ("loyal", "transfer_out", "spend_down")


def customer(*classes: str, large_habit_in: int | None = None) -> Account:
    history = [Past(n, name, [], n == large_habit_in) for n, name in enumerate(classes)]
    return Account("a", packed_history=history)


@pytest.mark.parametrize("three", product(CLASSES, repeat=3))
def test_two_of_three_that_moved_out_settle_it_and_two_loyal_at_the_end(three: tuple[str, ...]) -> None:
    expected = None
    if three.count("transfer_out") >= 2:
        expected = "settled_mover"
    elif three[1:] == ("loyal", "loyal"):
        expected = "loyal"
    assert pattern_of(customer(*three)) == expected
    assert pattern_of(customer("transfer_out", "transfer_out", *three)) == expected, "older cycles count"


@pytest.mark.parametrize("three", product(CLASSES, repeat=3))
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_habitual_transfer_of_flag_size_settles_it_whatever_the_class(
    three: tuple[str, ...], which: int
) -> None:
    assert pattern_of(customer(*three, large_habit_in=which)) == "settled_mover"


def test_a_large_habit_is_forgotten_after_three_cycles() -> None:
    assert pattern_of(customer("loyal", "loyal", "loyal", "loyal", large_habit_in=0)) == "loyal"


@pytest.mark.parametrize(
    ("classes", "expected"),
    [((), None), (("loyal",), None), (("transfer_out",), None), (("loyal", "loyal"), "loyal")],
)
def test_a_short_history_says_little(classes: tuple[str, ...], expected: str | None) -> None:
    assert pattern_of(customer(*classes)) == expected


def test_a_closed_cycle_counts_before_it_has_ended_and_an_open_or_void_one_does_not() -> None:
    account = customer("loyal", "transfer_out")
    account.cycle = Cycle(9, "e", "employed", "c", 8, 0, 1, closed=True, cycle_class="transfer_out")
    assert pattern_of(account) == "settled_mover"
    account.cycle.cycle_class = None
    assert pattern_of(account) is None
