"""The two rules for large transfers, at their thresholds, against exact fractions (R9)."""

from fractions import Fraction as Exact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detection import flags
from streams.state.account import Cycle
from streams.state.posting import Effect
from tests.streams.builders import SHIPPED, posting, rules, thorough, when

MOVE = posting("x", when(1), Effect.LEAVING, 300_000)


def cycle_of(pay: int, moved_out: int) -> Cycle:
    return Cycle(0, "e", "employed", "c", 1, when(2, 0), pay, moved_out=moved_out)


@pytest.mark.parametrize(
    ("pay", "amount", "large"),
    [
        (1_000_000, 300_000, True),
        (1_000_000, 299_999, False),
        (1_000_001, 300_000, False),  # 0.3 of it is 300 000.3
        (1_000_001, 300_001, True),
        (100, 100_000, True),
        (100, 99_999, False),  # below min_amount, whatever the pay
        (0, 10**15, False),
        (-5, 10**15, False),
    ],
)
def test_single_large_at_its_threshold(pay: int, amount: int, large: bool) -> None:
    assert flags.is_single_large(pay, amount, SHIPPED) is large


shares = st.decimals(0, 1, places=4)
pays = st.one_of(st.integers(-10, 10), st.integers(1, 10**15), st.sampled_from([1_000_000, 333_333]))


@thorough
@given(pays, st.integers(1, 10**15), shares, st.sampled_from([0, 1, 100_000]))
def test_large_means_at_least_the_larger_of_amount_and_share(pay, amount, share, least) -> None:
    by = rules(flags={"single_share": share, "min_amount": least})
    expected = pay > 0 and amount >= max(Exact(least), Exact(share) * pay)
    assert flags.is_single_large(pay, amount, by) is expected
    near = -(-Exact(share) * pay // 1)  # the first integer that is large
    if pay > 0 and near > least:
        assert flags.is_single_large(pay, int(near), by)
        assert not flags.is_single_large(pay, int(near) - 1, by), "a minor unit below the share is large"


@thorough
@given(pays, st.integers(1, 10**15), st.integers(0, 10**15), shares, shares, st.sampled_from([0, 100_000]))
def test_the_hits_are_the_rules_that_hold(pay, amount, before, single, cumulative, least) -> None:
    by = rules(flags={"single_share": single, "cumulative_share": cumulative, "min_amount": least})
    cycle = cycle_of(pay, before + amount)
    flags.note_hits(cycle, posting("x", when(1), Effect.LEAVING, amount), None, by)
    expected = []
    if pay > 0 and amount >= max(Exact(least), Exact(single) * pay):
        expected.append(("single_large", amount))
    if pay > 0 and before + amount >= max(Exact(least), Exact(cumulative) * pay):
        expected.append(("cumulative_large", before + amount))
    assert [(hit.rule, hit.observed) for hit in cycle.hits] == expected


def test_a_hit_says_what_was_seen_the_limit_and_by_which_posting() -> None:
    cycle = cycle_of(1_000_001, 500_001)
    flags.note_hits(cycle, posting("x", when(1), Effect.LEAVING, 300_001), (1, 2, 3), SHIPPED)
    single, cumulative = cycle.hits
    assert (single.observed, single.threshold, single.event_id, single.at) == (300_001, 300_001, "x", when(1))
    assert (cumulative.observed, cumulative.threshold) == (500_001, 500_001)
    assert single.habit == cumulative.habit == (1, 2, 3)


def test_the_first_hit_of_a_rule_stays() -> None:
    cycle = cycle_of(1_000_000, 300_000)
    flags.note_hits(cycle, MOVE, None, SHIPPED)
    cycle.moved_out += 400_000
    flags.note_hits(cycle, posting("y", when(2), Effect.LEAVING, 400_000), None, SHIPPED)
    assert [(hit.rule, hit.event_id) for hit in cycle.hits] == [
        ("single_large", "x"),
        ("cumulative_large", "y"),
    ]
