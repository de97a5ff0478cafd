"""A cycle with very many leaving transfers: told of in several facts, and bounded (R11, T3)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import MAX_VALUE_BYTES
from streams.accounting import cycle_facts
from streams.fast.facts import FastFact
from streams.playbook.rules import MOST_LEAVING
from streams.state import codec
from streams.state.account import Account, Cycle
from streams.state.remembered import LeavingTransfer
from tests.reference import reference
from tests.reference.lines import PAYDAY, Line, at, credit, move, out, tick, to
from tests.streams.builders import Kept, plain, quick, record, rules, when
from tests.streams.test_against_reference import assert_outflows, cycles_of, run_backtest

LIMIT = 4
ACCOUNTING = {"allowed_lateness_hours": 1, "pending_limit": LIMIT}
FEW = rules(accounting=ACCOUNTING)
PAY = credit("p", at(0, 0), 1_000_000)
RECORD = 1_000_000
"""Bytes: the largest record that a topic takes."""


def moment(step: int) -> datetime:
    """Half an hour apart: so no more than three postings wait for the lateness of an hour."""
    return PAYDAY + timedelta(minutes=30 * step)


def leaving(count: int, first: int = 0, amount: int = 1) -> list[Line]:
    return [out(f"x{n:03}", moment(n + 1).isoformat(), amount) for n in range(first, first + count)]


def outflows(facts: list[FastFact]) -> list[dict[str, Any]]:
    return [plain(fact) for fact in facts if fact.fact == "outflow"]


def ids(fact: dict[str, Any]) -> list[str]:
    return [one["event_id"] for one in fact["transfers"]]


@st.composite
def busy(draw: st.DrawFn) -> list[tuple[int, Line]]:
    """Postings of an account that moves money out often: (step, line), one at a step."""
    happened = [(0, credit("p0", moment(0).isoformat(), 1_000_000))]
    step, paid = 0, 0
    for n in range(draw(st.integers(10, 35))):
        step += draw(st.sampled_from([1, 1, 1, 1, 2, 20, 48]))
        what = draw(st.sampled_from(["out"] * 12 + ["back"] * 3 + ["pay", "unpay", "spend"]))
        when_it_was = moment(step).isoformat()
        if what == "pay":
            paid += 1
            step += 96
            line = credit(f"p{paid}", moment(step).isoformat(), 1_000_000)
        elif what == "unpay":
            line = credit(f"u{n}", when_it_was, 1_000_000, reverses=f"p{paid}")
        elif what == "back":
            line = move(
                f"r{n}", when_it_was, 400_000, "in", "transfer", reverses=f"x{draw(st.integers(0, n))}"
            )
        elif what == "spend":
            line = move(f"s{n}", when_it_was, 300_000, "out", "cash")
        else:
            amount = draw(st.sampled_from([1, 300_000, 500_000]))
            line = out(f"x{n}", when_it_was, amount, **draw(st.sampled_from([{}, to("t"), to("v")])))
        happened.append((step, line))
    return happened


def arriving(happened: list[tuple[int, Line]], delays: list[int]) -> list[Line]:
    """The lines in the order in which they arrive, and a tick at each arrival."""
    arrivals = sorted(
        (step + delay, n) for n, ((step, _), delay) in enumerate(zip(happened, delays, strict=True))
    )
    lines: list[Line] = []
    for step, n in arrivals:
        lines += [tick(moment(step).isoformat()), happened[n][1]]
    return lines


def some_delays(count: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.sampled_from([0, 0, 1, 2]), min_size=count, max_size=count)


@quick
@given(busy(), st.data())
def test_any_order_tells_of_the_same_as_the_reference(happened: Any, data: st.DataObject) -> None:
    lines = arriving(happened, data.draw(some_delays(len(happened))))
    expected = reference(lines, until=moment(2_000), rules={"lateness_hours": 1, "pending_limit": LIMIT})
    history = {"lines": lines, "timezone": "Asia/Shanghai", "bank_code": None, "until": moment(2_000)}
    result = run_backtest(history, LIMIT, lateness_hours=1)
    assert result.books.dead == {}, "more wait than may, so the order decides"
    assert_outflows(result, expected.outflows)
    assert cycles_of(result) == expected.cycles


@quick
@given(busy(), st.data())
def test_any_order_any_cut_and_any_restart_tell_of_the_same(happened: Any, data: st.DataObject) -> None:
    lines = arriving(happened, data.draw(some_delays(len(happened))))
    straight = Kept(FEW).read(*lines).tick(when(60)).take()
    cut = Kept(FEW)
    records = [record(line) for line in lines]
    while records:
        size = data.draw(st.integers(1, 20))
        cut.read_together(records[:size])
        if data.draw(st.booleans()):
            cut.restart()
        del records[:size]
    assert cut.tick(when(60)).outcome == straight.outcome
    other = Kept(FEW).read(*arriving(happened, [0] * len(happened))).tick(when(60)).take()
    assert outflows(other.facts) == outflows(straight.facts), "the order of reading changed what is told"


def test_a_cycle_with_few_has_one_fact_with_the_id_it_always_had() -> None:
    kept = Kept(FEW).read(PAY, *leaving(LIMIT)).tick(when(20)).take()
    [fact] = outflows(kept.facts)
    assert len(ids(fact)) == LIMIT
    assert fact["fact_id"] == cycle_facts.deterministic_id("a", "2026-01-05", "outflow")


def test_a_cycle_with_more_has_several_each_with_an_id_of_its_own() -> None:
    kept = Kept(FEW).read(PAY, *leaving(2 * LIMIT)).tick(when(20)).take()
    first, second = outflows(kept.facts)
    assert ids(first) + ids(second) == [f"x{n:03}" for n in range(2 * LIMIT)]
    assert second["fact_id"] == cycle_facts.deterministic_id("a", "2026-01-05", "outflow", LIMIT)


def test_the_oldest_are_told_of_before_the_close_once_more_than_twice_as_many_are_held() -> None:
    kept = Kept(FEW).read(PAY, *leaving(2 * LIMIT)).tick(when(1)).take()
    assert outflows(kept.facts) == []
    kept.read(*leaving(1, 71), tick(at(2)), move("fee", at(2), 1, "out", "fee")).take()
    [early] = outflows(kept.facts)
    assert ids(early) == [f"x{n:03}" for n in range(LIMIT)]
    cycle = kept.restart().accounts["a"].cycle
    assert cycle is not None
    assert (cycle.let_go, len(cycle.leaving)) == (LIMIT, LIMIT + 1)
    *_, second, third = outflows(kept.tick(when(20)).take().facts)
    assert (ids(second), ids(third)) == ([f"x{n:03}" for n in range(LIMIT, 2 * LIMIT)], ["x071"])


def test_what_leaves_after_the_close_is_never_told_of() -> None:
    day_8 = 8 * 48
    kept = Kept(FEW).read(PAY, *leaving(2), tick(at(8)), *leaving(30, day_8)).tick(when(40)).take()
    assert [ids(fact) for fact in outflows(kept.facts)] == [["x000", "x001"]]


def test_what_was_told_of_stands_where_the_pay_is_taken_back() -> None:
    unpaid = credit("u", at(2), 1_000_000, reverses="p")
    kept = Kept(FEW).read(PAY, *leaving(2 * LIMIT + 1), tick(at(2)), unpaid).tick(when(40)).take()
    assert [fact.fact for fact in kept.facts if fact.fact != "hot_account"] == ["outflow"]


def test_a_habit_is_sought_among_the_last_of_a_cycle() -> None:
    def month(n: int, before: int) -> list[Line]:
        day = 35 * n
        rent = out(f"rent{n}", at(day + 1, 1), 100_000, **to("landlord"))
        rest = [out(f"y{n}-{k}", at(day + 1, 2, 20 * k), 1) for k in range(before)]
        return [credit(f"p{n}", at(day), 1_000_000), rent, *rest]

    for before, habitual in [(LIMIT - 1, True), (LIMIT, False)]:
        kept = Kept(FEW, ticking=False).read(*(line for n in range(4) for line in month(n, before)))
        kept.tick(when(140)).take()
        fact = next(fact for fact in outflows(kept.facts) if fact["cycle_payday"] == "2026-04-20")
        assert fact["transfers"][0]["habitual"] is habitual, before


def test_30_000_leaving_transfers_and_reversals_leave_a_state_of_bounded_size() -> None:
    kept, most = Kept(), 0
    kept.read(PAY)
    for n in range(0, 30_000, 500):
        lines = []
        for k in range(n, n + 500):
            moved = (PAYDAY + timedelta(seconds=10 * (k + 1))).isoformat()
            lines.append(record(out(f"transfer-{k:06}", moved, 100 + k, **to(f"account-{k:06}"))))
            if k % 10 == 9:
                undone = f"transfer-{k - 1:06}"
                lines.append(record(move(f"undo-{k:06}", moved, 1, "in", "transfer", reverses=undone)))
        kept.read_together(lines).take()
        most = max(most, len(kept.table[b"a"]))
    kept.tick(when(60)).take()
    assert most < 500_000, "bytes of state"
    assert len(kept.table[b"a"]) < 100_000, "bytes once the cycle has ended"
    assert max(len(fact.to_json()) for fact in kept.facts) < RECORD / 4
    told = [name for fact in outflows(kept.facts) for name in ids(fact)]
    assert told == [f"transfer-{k:06}" for k in range(30_000)]
    assert len({fact["fact_id"] for fact in outflows(kept.facts)}) == 30


@pytest.mark.parametrize("limit", [1, 1_000, 10_000])
def test_a_fact_fits_a_record_whatever_its_ids_hold(limit: int) -> None:
    longest = "\U0001f600" * 64
    by = rules(accounting={"pending_limit": limit})
    assert by.leaving_limit == min(limit, MOST_LEAVING)
    one = LeavingTransfer(longest, when(0), 27, 23, 10**15, longest, longest, True)
    cycle = Cycle(PAYDAY.toordinal(), longest, "pension", "c", 0, 0, 1, packed_leaving=[one] * 10_000)
    fact = cycle_facts.before_close(Account(longest, "CNY"), cycle, by)
    assert len(fact.transfers) == by.leaving_limit
    assert len(fact.to_json()) < RECORD - 4 * MAX_VALUE_BYTES


def test_the_held_transfers_and_the_place_of_the_first_survive_as_bytes() -> None:
    account = Account("a", cycle=Cycle(1, "e", "s", "c", 0, 0, 1, let_go=70_000))
    again = codec.decode(b"a", codec.encode(account))
    assert again.cycle is not None
    assert again.cycle.let_go == 70_000
    account.cycle = Cycle(1, "e", "s", "c", 0, 0, 1)
    fewer = len(codec.encode(account))
    assert fewer == len(codec.encode(again)) - 7, "an ordinary account grew"
