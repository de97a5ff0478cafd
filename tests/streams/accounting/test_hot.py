"""Hot accounts: more postings wait than may, so the oldest are folded before their time (R11)."""

from typing import Any

import pytest

from schemas.dead import Reason
from tests.reference.lines import at, credit, move, out, tick
from tests.streams.builders import Kept, cycles, plain, rules, when

LIMIT = 3
FEW = rules(accounting={"pending_limit": LIMIT})


def spending(count: int, day: int = 1, first: int = 0) -> list[dict[str, Any]]:
    return [move(f"s{n:03}", at(day, 8, n), 1, "out", "consumption") for n in range(first, first + count)]


def hot_days(kept: Kept) -> list[str]:
    return [plain(fact)["day"] for fact in kept.take().facts if fact.fact == "hot_account"]


def pending_of(kept: Kept) -> list[str]:
    return [one.event_id for one in kept.accounts["a"].pending]


def test_as_many_postings_wait_as_may() -> None:
    kept = Kept(FEW).read(*spending(LIMIT))
    assert (len(pending_of(kept)), hot_days(kept)) == (LIMIT, [])
    assert kept.accounts["a"].folded_to is None


def test_beyond_the_limit_the_oldest_is_folded_and_it_is_said() -> None:
    kept = Kept(FEW).read(*spending(LIMIT + 1))
    assert pending_of(kept) == ["s001", "s002", "s003"]
    assert kept.accounts["a"].folded_to == (when(1, 8, 0), "s000")
    (fact,) = map(plain, kept.facts)
    assert (fact["account_id"], fact["day"], fact["pending_limit"]) == ("a", "2026-01-06", LIMIT)
    assert fact["folded_to"] == "2026-01-06T00:00:00Z"


def test_it_is_said_once_a_local_day() -> None:
    kept = Kept(FEW).read(*spending(20), *spending(20, 2, 20), *spending(20, 3, 40))
    assert hot_days(kept.restart()) == ["2026-01-06", "2026-01-07", "2026-01-08"]
    ids = [fact.fact_id for fact in kept.facts]
    assert len(set(ids)) == 3, "two days have one fact"


def test_it_is_said_once_a_day_even_if_the_account_was_not_hot_for_hours() -> None:
    kept = Kept(FEW).read(credit("p", at(0), 1), *spending(LIMIT + 1), tick(at(2, 11, 59)))
    kept.read(*(move(f"t{n}", at(1, 13, n), 1, "out", "fee") for n in range(LIMIT + 2)))
    assert hot_days(kept) == ["2026-01-05", "2026-01-06"]


@pytest.mark.parametrize(
    ("name", "when_it_was", "late"),
    [
        ("s000", at(1, 8), True),  # the very one: it is folded, and cannot be told from a late one
        ("r", at(1, 8), True),
        ("t", at(1, 8), False),  # R2-later than the last folded: same instant, larger event_id
        ("t", at(1, 7, 59), True),
        ("s001", at(1, 8, 1), None),  # still waiting: a duplicate
    ],
)
def test_what_is_not_later_than_the_last_folded_is_too_late(
    name: str, when_it_was: str, late: bool | None
) -> None:
    kept = Kept(FEW).read(*spending(LIMIT + 1), move(name, when_it_was, 5, "out", "consumption"))
    assert kept.partition.row.books.dead == ({Reason.TOO_LATE: 1} if late else {})
    assert kept.partition.row.books.duplicate == (late is None)
    for dead in kept.take().dead:
        assert "too many postings waited (pending_limit)" in dead.rejection.detail


def test_a_posting_older_than_all_that_wait_is_folded_at_once() -> None:
    kept = Kept(FEW).read(*spending(LIMIT), move("first", at(1, 7), 1, "out", "consumption"))
    assert pending_of(kept) == ["s000", "s001", "s002"]
    assert kept.accounts["a"].folded_to == (when(1, 7), "first")


def test_the_horizon_is_the_later_of_the_two() -> None:
    kept = Kept(FEW).read(*spending(LIMIT + 1), tick(at(2, 12)))
    kept.read(move("x", at(1, 11, 59), 1, "out", "fee"), move("y", at(1, 12), 1, "out", "fee"))
    [late] = kept.take().dead
    assert late.rejection.detail.startswith("occurred_at: is 86460 s before the clock")


def test_a_horizon_that_the_clock_has_overtaken_is_forgotten() -> None:
    kept = Kept(FEW).read(credit("p", at(0), 1_000), *spending(LIMIT + 1), tick(at(3)))
    kept.read(move("x", at(3), 1, "out", "fee"))
    assert kept.accounts["a"].folded_to is None, "the account would be larger for ever"


def test_a_close_does_not_wait_for_the_clock_where_nothing_can_precede_it() -> None:
    pay = credit("p", at(0), 1_000_000)
    kept = Kept(FEW).read(pay, *spending(LIMIT - 1, 8))
    assert cycles(kept.take().facts) == []
    kept.read(*spending(1, 8, LIMIT - 1))
    assert cycles(kept.take().facts) == [], "only the pay is folded"
    kept.read(*spending(1, 8, LIMIT))
    assert [fact["pay"] for fact in cycles(kept.take().facts)] == [1_000_000]


def test_an_alert_goes_on_over_what_was_folded_before_its_time() -> None:
    kept = Kept(FEW).read(credit("p", at(0), 1_000_000), out("x", at(0, 13), 300_000), *spending(20))
    assert [task.version for task in kept.read(out("y", at(2), 200_000)).take().tasks] == [1, 2]


def test_a_lower_limit_than_before_holds_from_the_next_posting_on() -> None:
    kept = Kept().read(*spending(50))
    assert len(pending_of(kept)) == 50
    lower = Kept(FEW)
    lower.table.update(kept.take().table)
    lower.read(*spending(1, 1, 50))
    assert len(pending_of(lower)) == LIMIT


def test_a_hot_account_with_no_pay_is_kept_no_longer_than_its_postings() -> None:
    kept = Kept(FEW).read(*spending(10))
    assert kept.tick(when(2, 9)).accounts == {}
