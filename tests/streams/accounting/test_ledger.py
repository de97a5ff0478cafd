"""The fold: days end, cycles open, close and end, and a fork leaves the account alone (R4 to R8)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.accounting.curve import days
from streams.accounting.ledger import Ledger
from streams.fast.facts import FastFact
from streams.state import codec
from streams.state.account import Account, Cycle
from streams.state.posting import Effect, Posting
from tests.streams.builders import (
    EFFECTS,
    NEW_PAYDAY,
    SHIPPED,
    all_of,
    all_of_cycle,
    cycles,
    posting,
    quick,
    when,
)

PAYDAY = NEW_PAYDAY.toordinal()
FIELD = {
    Effect.CREDIT: ("pay", 1),
    Effect.LESS_CREDIT: ("pay", -1),
    Effect.LEAVING: ("moved_out", 1),
    Effect.LESS_MOVED_OUT: ("moved_out", -1),
    Effect.SPENT: ("spent", 1),
    Effect.LESS_SPENT: ("spent", -1),
    Effect.INVESTED: ("invested", 1),
    Effect.LESS_INVESTED: ("invested", -1),
    Effect.RETURNED: ("returned", 1),
    Effect.LESS_RETURNED: ("returned", -1),
}


def folded(*postings: Posting, until: int | None = None) -> tuple[Ledger, list[FastFact]]:
    account = Account("a", currency="CNY")
    facts: list[FastFact] = []
    ledger = Ledger(account, SHIPPED, facts)
    for one in postings:
        ledger.post(one)
    if until is not None:
        ledger.pass_days(until)
    return ledger, facts


def the(ledger: Ledger) -> Cycle:
    assert ledger.cycle is not None, "no cycle is open"
    return ledger.cycle


PAY = posting("p", when(0), Effect.CREDIT, 1_000, balance=1_000)


@pytest.mark.parametrize("effect", FIELD)
def test_an_effect_moves_its_own_bucket_and_no_other(effect: int) -> None:
    before = {name: getattr(the(folded(PAY)[0]), name) for name, _ in FIELD.values()}
    ledger, _ = folded(PAY, posting("x", when(1), effect, 7))
    name, sign = FIELD[effect]
    after = {field: getattr(the(ledger), field) for field in before}
    assert after == before | {name: before[name] + sign * 7}


def test_interest_and_fees_change_the_balance_only() -> None:
    ledger, _ = folded(PAY, posting("x", when(1), Effect.NONE, 7, balance=993))
    cycle = the(ledger)
    assert (cycle.pay, cycle.gone, cycle.invested, cycle.balance) == (1_000, 0, 0, 993)


def test_a_posting_without_a_balance_leaves_the_last_one() -> None:
    assert the(folded(PAY, posting("x", when(1), Effect.SPENT, 7))[0]).balance == 1_000
    zero = posting("x", when(1), Effect.SPENT, 7, balance=0)
    assert the(folded(PAY, zero)[0]).balance == 0, "a balance of nothing is a balance"


@pytest.mark.parametrize("effect", [one for one in EFFECTS if one != Effect.CREDIT])
def test_only_a_credit_opens_a_cycle(effect: int) -> None:
    ledger, facts = folded(posting("x", when(0), effect, 7))
    assert ledger.cycle is None
    assert facts == []


@pytest.mark.parametrize(
    ("day", "joins"), [(0, True), (2, True), (3, False), (8, False), (31, False), (32, False)]
)
def test_a_credit_joins_for_three_days_and_then_opens(day: int, joins: bool) -> None:
    ledger, _ = folded(PAY, posting("q", when(day, 23, 59), Effect.CREDIT, 50, who="e2"))
    cycle = the(ledger)
    assert cycle.pay == (1_050 if joins else 50)
    assert cycle.employer == ("e1" if joins else "e2"), "the employer is the opening credit's"
    assert cycle.payday == PAYDAY + (0 if joins else day)


def test_days_are_counted_from_midnight_not_from_the_hour_of_the_pay() -> None:
    late = posting("p", when(0, 23, 59), Effect.CREDIT, 1_000)
    ledger, _ = folded(late, posting("q", when(3, 0, 0), Effect.CREDIT, 50))
    assert the(ledger).payday == PAYDAY + 3


def test_the_curve_has_the_state_at_the_end_of_each_day() -> None:
    ledger, _ = folded(
        PAY,
        posting("x", when(1, 23, 59, 59), Effect.LEAVING, 250, balance=750),
        posting("y", when(2, 0, 0, 0), Effect.SPENT, 250, balance=500),
        until=when(4, 0),
    )
    assert days(the(ledger).curve) == [(10**6, 1_000), (750_000, 750), (500_000, 500), (500_000, 500)]


def test_a_day_ends_at_its_midnight_exactly() -> None:
    assert the(folded(PAY, until=when(1, 0) - 1)[0]).curve == b""
    assert len(days(the(folded(PAY, until=when(1, 0))[0]).curve)) == 1


def test_a_cycle_closes_after_day_7_and_ends_after_day_31() -> None:
    assert folded(PAY, until=when(8, 0) - 1)[1] == []
    ledger, facts = folded(PAY, until=when(8, 0))
    assert [fact.fact for fact in facts] == ["account_cycle", "curve_point"]
    assert the(ledger).closed
    assert len(ledger.history) == 0, "a closed cycle is not history before it has ended"
    assert the(folded(PAY, until=when(32, 0) - 1)[0]).closed
    ledger, facts = folded(PAY, until=when(32, 0))
    assert ledger.cycle is None
    assert [len(fact.points) for fact in facts if fact.fact == "curve_point"] == [8, 24]
    assert [past.payday for past in ledger.history] == [PAYDAY]


def test_what_comes_after_the_close_is_in_the_curve_but_not_in_the_fact() -> None:
    late = posting("x", when(9), Effect.LEAVING, 900)
    _, facts = folded(PAY, late, until=when(32, 0))
    (fact,) = cycles(facts)
    assert (fact["moved_out"], fact["class"], fact["flags"]) == (0, "loyal", [])
    _, rest = (one for one in facts if one.fact == "curve_point")
    assert [point.retained for point in rest.points[:2]] == ["1.000000", "0.100000"]


def test_the_next_pay_truncates_and_the_curve_keeps_whole_days() -> None:
    _, facts = folded(
        PAY, posting("x", when(4, 8), Effect.LEAVING, 800), posting("q", when(4, 9), Effect.CREDIT, 1)
    )
    (fact,) = cycles(facts)
    assert (fact["truncated"], fact["class"], len(fact["retained"])) == (True, "transfer_out", 4)
    assert fact["closed_at"] == "2026-01-09T01:00:00Z", "a truncated cycle closes at the next credit"


def test_a_pay_that_is_undone_leaves_no_fact_and_no_history() -> None:
    undone = posting("r", when(1), Effect.LESS_CREDIT, 1_000)
    ledger, facts = folded(PAY, undone, until=when(40, 0))
    assert (facts, ledger.history, ledger.cycle) == ([], [], None)


def test_a_void_cycle_still_bounds_its_neighbour() -> None:
    _, facts = folded(
        PAY,
        posting("q", when(5), Effect.CREDIT, 60),
        posting("r", when(5, 13), Effect.LESS_CREDIT, 60),
        until=when(60, 0),
    )
    (fact,) = cycles(facts)
    assert fact["truncated"]


def test_six_cycles_are_remembered() -> None:
    pays = [posting(f"p{n}", when(35 * n), Effect.CREDIT, 100) for n in range(9)]
    ledger, _ = folded(*pays, until=when(35 * 9))
    assert [past.payday - PAYDAY for past in ledger.history] == [35 * n for n in range(3, 9)]


postings = st.lists(
    st.builds(
        lambda minute, effect, amount: (minute, effect, amount),
        st.integers(0, 60 * 1440),
        st.sampled_from([*EFFECTS, Effect.CREDIT, Effect.LEAVING]),
        st.sampled_from([1, 100_000, 500_000, 1_000_000]),
    ),
    max_size=25,
)


def in_r2_order(drawn: list[tuple[int, int, int]]) -> list[Posting]:
    return [
        posting(f"e{n:02}", when(0, 0, minute), effect, amount)
        for n, (minute, effect, amount) in enumerate(sorted(drawn))
    ]


def state_of(ledger: Ledger) -> Any:
    return all_of_cycle(ledger.cycle), ledger.history


@quick
@given(postings, st.integers(0, 25))
def test_a_fork_folds_alike_and_leaves_the_account_alone(drawn: list[tuple[int, int, int]], cut: int) -> None:
    order = in_r2_order(drawn)
    straight, _ = folded(*order)
    account = Account("a", currency="CNY")
    ledger = Ledger(account, SHIPPED, [])
    for one in order[:cut]:
        ledger.post(one)
    account.cycle = ledger.cycle
    before = codec.encode(account)
    fork = Ledger.fork(account, SHIPPED)
    for one in order[cut:]:
        fork.post(one)
    assert state_of(fork) == state_of(straight), "a provisional fold differs from the real one"
    assert codec.encode(account) == before, "a provisional fold has changed the account"


@quick
@given(postings, st.lists(st.integers(0, 60 * 1440), max_size=10))
def test_it_makes_no_difference_in_how_many_steps_days_pass(
    drawn: list[tuple[int, int, int]], looks: list[int]
) -> None:
    order = in_r2_order(drawn)
    straight, expected = folded(*order, until=when(100))
    account = Account("a", currency="CNY")
    facts: list[FastFact] = []
    ledger = Ledger(account, SHIPPED, facts)
    pending = order[:]
    for look in sorted(looks):
        while pending and pending[0].at < when(0, 0, look):
            ledger.post(pending.pop(0))
        ledger.pass_days(when(0, 0, look) - 1)
    for one in pending:
        ledger.post(one)
    ledger.pass_days(when(100))
    assert facts == expected
    assert state_of(ledger) == state_of(straight)


def test_a_bucket_of_astronomical_amounts_can_be_stored() -> None:
    ledger, _ = folded(
        PAY, *(posting(f"x{n:05}", when(1) + n, Effect.SPENT, 10**15) for n in range(2**64 // 10**15 + 1))
    )
    account = Account("a", cycle=ledger.cycle)
    assert all_of(codec.decode(b"a", codec.encode(account))) == all_of(account)
