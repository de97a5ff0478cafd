"""The ledger that is kept from posting to posting says what one made from scratch says (T1)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.instant import HOUR
from streams.accounting import provisional, reorder
from streams.accounting.ledger import Ledger
from streams.state.account import Account
from streams.state.posting import Effect
from tests.streams.builders import EFFECTS, SHIPPED, all_of_cycle, posting, rules, thorough, when

MINUTES = 60 * 1440
happened = st.tuples(
    st.integers(0, MINUTES),
    st.sampled_from([*EFFECTS, Effect.CREDIT, Effect.LEAVING, Effect.LEAVING]),
    st.sampled_from([1, 100_000, 1_000_000]),
)
what_next = st.sampled_from(["ask", "ask", "settle", "fold", "ask later", "restart"])


def what_it_says(ledger: Ledger) -> Any:
    cycles = [*ledger.left_behind, ledger.cycle]
    return [all_of_cycle(cycle) for cycle in cycles], ledger.history


def from_scratch(account: Account, by: Any) -> Ledger:
    ledger = Ledger.fork(account, by)
    for one in account.pending:
        ledger.post(one)
    return ledger


@thorough
@given(
    st.lists(st.tuples(happened, what_next), max_size=60),
    st.booleans(),
    st.sampled_from([0, 24, 168]),
    st.sampled_from([1, 3]),
)
def test_it_is_the_same_as_from_scratch(
    drawn: list[Any], in_order: bool, lateness: int, merge_days: int
) -> None:
    by = rules(accounting={"allowed_lateness_hours": lateness, "merge_days": merge_days})
    account, clock = Account("a", currency="CNY"), -(2**62)
    if in_order:
        drawn.sort(key=lambda one: one[0][0])
    for n, ((minute, effect, amount), then) in enumerate(drawn):
        read = posting(f"e{n}", when(0, 0, minute), effect, amount, who="t", where="b")
        if read.at < clock - by.lateness or reorder.is_folded_past(account, read):
            continue
        reorder.insert(account, read)
        if then == "ask later":
            continue
        if then == "settle":
            clock = max(clock, read.at)
            reorder.settle(account, clock - by.lateness, by)
        elif then == "fold":
            reorder.fold_oldest(account, (len(account.pending) + 1) // 2, by)
        elif then == "restart":
            account.provisional = None
        kept = provisional.ledger_of(account, by)
        assert what_it_says(kept) == what_it_says(from_scratch(account, by))


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([1, 5, 60]))
def test_it_is_the_same_for_many_postings_a_little_out_of_order(random: Any, apart: int) -> None:
    account = Account("a", currency="CNY")
    for n in range(150):
        minute = max(0, n * apart - random.choice([0, 0, 0, 1, 3, 10, 40]) * apart)
        effect = random.choice([*EFFECTS, Effect.LEAVING, Effect.LEAVING])
        read = posting(f"e{n}", when(0, 0, minute), effect, random.choice([1, 100_000, 1_000_000]))
        if reorder.is_folded_past(account, read):
            continue
        reorder.insert(account, read)
        if len(account.pending) > 100:
            reorder.fold_oldest(account, random.choice([1, 1, 5, 90]), SHIPPED)
        if random.random() < 0.7:
            kept = provisional.ledger_of(account, SHIPPED)
            assert what_it_says(kept) == what_it_says(from_scratch(account, SHIPPED))


@pytest.mark.parametrize("waiting", [10, 1_000])
def test_a_posting_that_comes_in_order_is_counted_once(waiting: int) -> None:
    account = Account("a")
    for n in range(waiting):
        reorder.insert(account, posting(f"e{n}", when(0) + n, Effect.LEAVING))
    provisional.ledger_of(account, SHIPPED)
    known = account.provisional
    reorder.insert(account, posting("last", when(0) + waiting, Effect.LEAVING))
    assert isinstance(known, provisional.Provisional)
    assert len(account.pending) - known.counted == 1, "more than the new one is left to count"
    provisional.ledger_of(account, SHIPPED)
    assert account.provisional is known, "it was made anew"
    reorder.fold_oldest(account, 1, SHIPPED)
    assert account.provisional is known, "folding the oldest makes it anew"


def test_a_posting_that_comes_a_little_out_of_order_counts_few_again() -> None:
    account = Account("a")
    for n in range(1_000):
        reorder.insert(account, posting(f"e{n}", when(0) + 2 * n, Effect.LEAVING))
    provisional.ledger_of(account, SHIPPED)
    for n in range(985, 1_000):
        reorder.insert(account, posting(f"late{n}", when(0) + 2 * n - 1, Effect.LEAVING))
        known = account.provisional
        assert isinstance(known, provisional.Provisional), "it starts from the folded state again"
        assert len(account.pending) - known.counted <= 3 * provisional.BACK
        assert what_it_says(provisional.ledger_of(account, SHIPPED)) == what_it_says(
            from_scratch(account, SHIPPED)
        )


def test_other_rules_have_a_ledger_of_their_own() -> None:
    account, other = Account("a"), rules(accounting={"allowed_lateness_hours": 24 + HOUR // HOUR})
    assert provisional.ledger_of(account, SHIPPED) is not provisional.ledger_of(account, other)
