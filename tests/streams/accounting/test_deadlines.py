"""Deadlines: what falls due when, when an account goes, and an index that loses no entry (J8, X7)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instant import DAY, HOUR, MINUTE, SECOND
from streams.accounting import deadlines
from streams.accounting.deadlines import DeadlineIndex
from streams.state.account import NEVER, Account, Cycle
from streams.state.posting import Effect
from streams.state.remembered import OpenTask, Past
from tests.streams.builders import EFFECTS, NEW_PAYDAY, SHIPPED, posting, profiled, thorough, when

PAYDAY = NEW_PAYDAY.toordinal()
LATE = 24 * HOUR


def cycle(*, closed: bool = False) -> Cycle:
    return Cycle(PAYDAY, "e", "employed", "c", 0, when(1, 0), 100, closed=closed)


def test_nothing_is_due_of_an_account_that_has_no_posting() -> None:
    assert deadlines.next_deadline(Account("a"), SHIPPED) == NEVER
    assert deadlines.next_deadline(profiled(), SHIPPED) == NEVER


def test_a_cycle_falls_due_at_its_close_and_then_at_its_end() -> None:
    assert deadlines.next_deadline(Account("a", cycle=cycle()), SHIPPED) == when(8, 0) + LATE
    assert deadlines.next_deadline(Account("a", cycle=cycle(closed=True)), SHIPPED) == when(32, 0) + LATE


def test_a_pending_credit_falls_due_when_nothing_can_precede_it() -> None:
    pending = [posting("p", when(5), Effect.CREDIT), posting("q", when(6), Effect.CREDIT)]
    account = Account("a", cycle=cycle(), pending=pending, last_at=when(6))
    assert deadlines.next_deadline(account, SHIPPED) == when(5) + LATE


@pytest.mark.parametrize("effect", [one for one in EFFECTS if one != Effect.CREDIT])
def test_no_other_posting_makes_an_account_due_that_has_something_to_keep(effect: int) -> None:
    account = Account("a", cycle=cycle(), pending=[posting("x", when(1), effect)], last_at=when(1))
    assert deadlines.next_deadline(account, SHIPPED) == when(8, 0) + LATE


def test_a_bare_account_falls_due_when_its_last_posting_is_folded() -> None:
    pending = [posting("x", when(1), Effect.SPENT), posting("y", when(2), Effect.LEAVING)]
    account = Account("a", pending=pending, last_at=when(2))
    assert deadlines.next_deadline(account, SHIPPED) == when(2) + LATE
    account.packed_history = [Past(1, "loyal", [], False)]
    assert deadlines.next_deadline(account, SHIPPED) == deadlines.forgotten_at(when(2))


@thorough
@given(st.integers(-(10**17), 10**17))
def test_an_account_is_forgotten_400_days_after_its_last_posting_on_a_ten_day_grid(last_at: int) -> None:
    goes = deadlines.forgotten_at(last_at)
    assert goes % (10 * DAY) == 0, "not on the grid: the deadline would move with every posting"
    assert 400 * DAY < goes - last_at <= 410 * DAY


@pytest.mark.parametrize(
    "kept",
    [
        {"cycle": cycle()},
        {"packed_history": [Past(1, "loyal", [], False)]},
        {"alerts": [OpenTask(1, 1, 1, [])]},
        {"profile": profiled().profile},
    ],
)
def test_each_thing_worth_keeping_keeps_an_account_for_400_days(kept: dict[str, Any]) -> None:
    account = Account("a", last_at=when(0), **kept)
    assert not deadlines.is_bare(account)
    assert not deadlines.is_over(account, deadlines.forgotten_at(when(0)))
    assert deadlines.is_over(account, deadlines.forgotten_at(when(0)) + 1), "state has no end"


def test_a_bare_account_is_over_once_nothing_is_pending() -> None:
    account = Account("a", pending=[posting("x", when(1), Effect.SPENT)], last_at=when(1))
    assert deadlines.is_bare(account)
    assert not deadlines.is_over(account, when(1))
    account.pending.clear()
    assert deadlines.is_over(account, when(1))


class Bank:
    """What an index serves: accounts with a deadline each, looked at as Partition.work looks at them."""

    def __init__(self) -> None:
        self.index = DeadlineIndex()
        self.due: dict[bytes, int] = {}
        self.clock = -1
        self.fired: list[tuple[bytes, int]] = []

    def set(self, key: bytes, due: int) -> None:
        self.index.move(key, self.due.get(key, NEVER), due)
        self.due[key] = due

    def tick(self, clock: int) -> None:
        self.clock = max(self.clock, clock)
        for minute, key in list(self.index.pop_due(self.clock)):
            due = self.due.get(key, NEVER)
            if due // MINUTE != minute:
                continue
            if due >= self.clock:
                self.index.put_back(key, due)
            else:
                self.fired.append((key, due))
                del self.due[key]  # fired: the next deadline starts from nothing


moves = st.one_of(
    st.tuples(st.just("set"), st.sampled_from([b"a", b"b", b"c"]), st.integers(0, 20 * MINUTE)),
    st.tuples(st.just("tick"), st.just(b""), st.integers(0, 20 * MINUTE)),
)


@thorough
@given(st.lists(moves, max_size=40))
def test_no_deadline_is_lost_and_none_fires_early_or_twice(script: list[tuple[str, bytes, int]]) -> None:
    bank = Bank()
    plain: dict[bytes, int] = {}
    for what, key, at in [*script, ("tick", b"", 21 * MINUTE)]:
        if what == "set":
            at = max(at, bank.clock)  # as an account: what is due already has fired
            bank.set(key, at)
            plain[key] = at
        else:
            bank.tick(at)
            now = {(name, due) for name, due in plain.items() if due < bank.clock}
            plain = {name: due for name, due in plain.items() if (name, due) not in now}
            fired, bank.fired = bank.fired, []
            assert len(fired) == len(set(fired)), "a deadline has fired twice"
            assert set(fired) == now, "a deadline was lost, or fired before the clock was past it"
    assert bank.due == {}, "a deadline never fired"


def entries(index: DeadlineIndex) -> int:
    return sum(map(len, index._buckets.values()))


def test_a_deadline_that_stays_within_its_minute_has_one_entry() -> None:
    index = DeadlineIndex()
    index.move(b"a", NEVER, 60 * SECOND)
    for second in range(60, 119):
        index.move(b"a", second * SECOND, (second + 1) * SECOND)
    assert entries(index) == 1


def test_looking_too_early_does_not_make_the_index_grow() -> None:
    bank = Bank()
    bank.set(b"a", 59 * SECOND)
    for second in range(1, 60):
        bank.tick(second * SECOND)
        assert entries(bank.index) == 1, "an entry is lost, or doubled, each time it is put back"
    bank.tick(60 * SECOND)
    assert bank.fired == [(b"a", 59 * SECOND)]


@thorough
@given(st.lists(moves, max_size=40))
def test_the_index_is_empty_once_the_clock_is_past_everything(script: list[tuple[str, bytes, int]]) -> None:
    bank = Bank()
    for what, key, at in script:
        if what == "set":
            bank.set(key, max(at, bank.clock))
        else:
            bank.tick(at)
        held = len(bank.index._buckets)
        assert held == len(bank.index._minutes) == len(set(bank.index._minutes)), "heap and buckets differ"
    bank.tick(10**15)
    assert (bank.index._buckets, bank.index._minutes) == ({}, [])


def test_never_has_no_entry() -> None:
    index = DeadlineIndex()
    index.move(b"a", 5, NEVER)
    assert list(index.pop_due(NEVER)) == []
