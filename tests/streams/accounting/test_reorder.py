"""The reorder buffer: any order read gives R2's, and what cannot be preceded is folded (R2, R3)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.accounting import reorder
from streams.state.account import Account
from streams.state.posting import Effect
from streams.state.remembered import OpenTask
from tests.streams.builders import EFFECTS, SHIPPED, all_of, posting, quick, thorough, when

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=4)


@thorough
@given(st.lists(st.tuples(st.integers(0, 3), names), unique=True, max_size=12), st.randoms())
def test_pending_postings_are_in_r2_order_however_they_were_read(read: list[Any], random: Any) -> None:
    random.shuffle(read)
    account = Account("a")
    for instant, name in read:
        reorder.insert(account, posting(name, instant, Effect.SPENT))
    kept = [(one.at, one.event_id) for one in account.pending]
    assert kept == sorted(read, key=lambda one: (one[0], one[1].encode())), "not by UTF-8 bytes"
    assert not read or account.last_at == max(instant for instant, _ in read)


def test_an_older_posting_does_not_move_the_last_one_back() -> None:
    account = Account("a")
    for instant in (5, 3):
        reorder.insert(account, posting(str(instant), instant, Effect.SPENT))
    assert account.last_at == 5


def test_a_duplicate_is_known_by_its_event_id_alone() -> None:
    account = Account("a")
    reorder.insert(account, posting("x", 1, Effect.SPENT, 5))
    assert reorder.is_duplicate(account, "x")
    assert not reorder.is_duplicate(account, "X")


def kept_account() -> Account:
    account = Account("a", currency="CNY")
    reorder.insert(account, posting("p", when(0), Effect.CREDIT, 1_000))
    reorder.insert(account, posting("x", when(1), Effect.LEAVING, 10))
    return account


def test_what_happened_before_the_horizon_is_folded_and_the_rest_waits() -> None:
    account = kept_account()
    assert reorder.settle(account, when(0), SHIPPED) == []
    assert account.cycle is None, "a posting at the horizon can still be preceded by a smaller event_id"
    reorder.settle(account, when(0) + 1, SHIPPED)
    assert account.cycle is not None
    assert [one.event_id for one in account.pending] == ["x"]


def test_a_posting_at_the_horizon_waits_though_another_is_folded() -> None:
    account = kept_account()
    reorder.settle(account, when(1), SHIPPED)
    assert [one.event_id for one in account.pending] == ["x"], "what is at the horizon can still be preceded"


def test_a_close_waits_until_the_horizon_is_past_it() -> None:
    account = kept_account()
    assert reorder.settle(account, when(8, 0), SHIPPED) == []
    assert reorder.settle(account, when(8, 0) + 1, SHIPPED)[0].fact == "account_cycle"
    assert reorder.settle(account, when(9), SHIPPED) == [], "a close is emitted twice"


def test_an_alert_of_a_cycle_that_is_final_is_forgotten() -> None:
    account = kept_account()
    account.alerts = [OpenTask(when(0), 1, when(0), [])]
    reorder.settle(account, when(8, 0), SHIPPED)
    payday = account.cycle.payday if account.cycle is not None else 0
    account.alerts = [OpenTask(payday, 1, when(0), []), OpenTask(payday + 30, 1, when(0), [])]
    reorder.settle(account, when(8, 0) + 1, SHIPPED)
    assert [alert.about for alert in account.alerts] == [payday + 30], "only the closed cycle's is over"


@pytest.mark.parametrize("paid_again", [5, 35])
def test_an_alert_of_a_cycle_that_was_left_behind_is_forgotten(paid_again: int) -> None:
    account = kept_account()
    reorder.settle(account, when(2), SHIPPED)
    assert account.cycle is not None
    account.alerts = [OpenTask(account.cycle.payday, 1, when(0), [])]
    reorder.insert(account, posting("q", when(paid_again), Effect.CREDIT, 1_000))
    reorder.settle(account, when(paid_again) + 1, SHIPPED)
    assert account.alerts == []


minutes = st.integers(0, 60 * 1440)


@quick
@given(
    st.lists(st.tuples(minutes, st.sampled_from(EFFECTS), st.sampled_from([1, 1_000])), max_size=20),
    st.lists(minutes, max_size=8),
)
def test_it_makes_no_difference_how_often_is_settled(drawn: list[Any], horizons: list[int]) -> None:
    def settled(*looks: int) -> Any:
        account, facts = Account("a", currency="CNY"), []
        for n, (minute, effect, amount) in enumerate(drawn):
            reorder.insert(account, posting(f"e{n}", when(0, 0, minute), effect, amount))
        for look in looks:
            facts += reorder.settle(account, look, SHIPPED)
        return all_of(account), facts

    end = when(0, 0, 61 * 1440)
    assert settled(*(when(0, 0, minute) for minute in sorted(horizons)), end) == settled(end)
