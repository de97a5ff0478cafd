"""One function decides: any order within the lateness, deadlines as of their instant, and an end of state
(J6, R2, R3, R10, X7)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.dead import Reason
from schemas.decode import decode
from schemas.instant import DAY, HOUR, MINUTE
from streams.pipeline import AccountEvent, pass_time, step
from streams.state import codec
from streams.state.account import Account
from tests.reference.lines import at, credit, move, out, tick
from tests.streams.builders import (
    LARGE,
    PROFILE_LINE,
    SHIPPED,
    Kept,
    Values,
    all_of,
    lasting,
    profiled,
    record,
    rules,
    thorough,
    when,
)
from tests.streams.journals import arrivals, happenings


def the(line: Values) -> AccountEvent:
    event = decode(record(line).value)
    assert isinstance(event, AccountEvent)
    return event


def stepped(*lines: Values, clock: int | None = None) -> Account | None:
    account: Account | None = None
    for line in lines:
        account = step(account, the(line), clock, SHIPPED).account
    return account


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(happenings(), st.data())
def test_any_order_within_the_lateness_gives_the_same_facts(happened: Any, data: st.DataObject) -> None:
    read = [
        Kept().read(*data.draw(arrivals(happened), label=f"journal {n}")).tick(when(110)).take()
        for n in range(2)
    ]
    for kept in read:
        assert kept.dead == [], "something was refused although it was displaced by at most 24 hours"
        assert kept.partition.row.books.duplicate == 0
    assert lasting(read[0].facts) == lasting(read[1].facts)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(happenings(), st.randoms())
def test_before_the_first_tick_any_order_at_all_gives_the_same_facts(happened: Any, random: Any) -> None:
    straight = Kept().read(*(line for _, line in happened)).tick(when(110)).take()
    random.shuffle(happened)
    shuffled = Kept().read(*(line for _, line in happened)).tick(when(110)).take()
    assert lasting(shuffled.facts) == lasting(straight.facts)


@pytest.mark.parametrize(("behind", "late"), [(24 * HOUR, False), (24 * HOUR + 1, True)])
def test_lateness_is_24_hours_elapsed_and_not_a_microsecond_more(behind: int, late: bool) -> None:
    done = step(None, the(out("x", at(1), 1)), when(1) + behind, SHIPPED)
    assert (done.refused is not None and done.refused.reason == Reason.TOO_LATE) is late
    assert (done.account is None) is late, "what is too late leaves an account behind, or nothing is kept"


def test_too_late_is_judged_before_a_duplicate() -> None:
    account = stepped(out("x", at(1), 1))
    done = step(account, the(out("x", at(1), 1)), when(3), SHIPPED)
    assert not done.duplicate
    assert done.refused is not None
    assert done.refused.reason == Reason.TOO_LATE


def test_a_duplicate_changes_nothing_and_the_first_counts() -> None:
    account = stepped(*LARGE)
    assert account is not None
    before = codec.encode(account)
    done = step(account, the(out("x", at(1), 999_999)), when(1), SHIPPED)
    assert (done.duplicate, done.refused, done.emitted) == (True, None, [])
    assert done.account is not None
    assert codec.encode(done.account) == before


def test_a_duplicate_is_one_among_the_postings_of_the_last_day_only() -> None:
    account = stepped(PROFILE_LINE, out("x", at(1), 1))
    assert step(account, the(out("x", at(2), 1)), when(2), SHIPPED).duplicate
    account = stepped(PROFILE_LINE, out("x", at(1), 1))
    assert not step(account, the(out("x", at(2), 1)), when(2) + 1, SHIPPED).duplicate, (
        "what is folded is forgotten"
    )


def test_the_currency_is_judged_after_lateness_and_duplicates() -> None:
    account = stepped(out("x", at(1), 1))
    euro = the(out("x", at(1), 1, currency="EUR"))
    assert step(account, euro, when(1), SHIPPED).duplicate
    done = step(account, the(out("y", at(1), 1, currency="EUR")), when(1), SHIPPED)
    assert done.refused is not None
    assert done.refused.reason == Reason.CURRENCY_MISMATCH
    assert done.account is not None, "a refused event takes the account with it"
    assert done.account.currency == "CNY"
    done = step(done.account, the(out("z", at(1), 1, currency="EUR")), when(3), SHIPPED)
    assert done.refused is not None
    assert done.refused.reason == Reason.TOO_LATE


@pytest.mark.parametrize(("clock", "recorded_at"), [(None, None), (None, when(1)), (when(1), None)])
def test_five_minutes_ahead_is_no_future(clock: int | None, recorded_at: int | None) -> None:
    def refused(minutes: int) -> bool:
        event = the(out("x", at(1, 12, minutes), 1))
        return step(None, event, clock, SHIPPED, recorded_at).refused is not None

    assert not refused(5)
    assert refused(6) is not (clock is None and recorded_at is None), (
        "judged by no clock, or not judged by one"
    )


def test_a_profile_is_never_late_and_never_in_the_future() -> None:
    done = step(None, the(PROFILE_LINE), when(1000), SHIPPED)
    assert done.refused is None
    assert done.account is not None
    assert done.account.has_profile


def test_the_latest_profile_holds() -> None:
    changed = PROFILE_LINE | {"value": PROFILE_LINE["value"] | {"segment": "t"}}
    account = stepped(PROFILE_LINE, changed)
    assert account is not None
    profile = account.profile_of()
    assert profile is not None
    assert profile.segment == "t"


def test_the_account_s_deadlines_fire_before_its_event_is_judged() -> None:
    account = stepped(*LARGE)
    done = step(account, the(out("z", at(0), 1)), when(9, 0) + 1, SHIPPED)
    assert done.refused is not None
    assert done.emitted[0].counted_as == "account_cycle", "a refused event has kept a due close from firing"


@thorough
@given(happenings(), st.lists(st.integers(0, 110 * 1440), max_size=20))
def test_it_makes_no_difference_when_deadlines_are_fired(happened: Any, looks: list[int]) -> None:
    def account() -> Account:
        made = stepped(PROFILE_LINE, *(line for _, line in happened))
        assert made is not None
        return made

    end = when(110)
    once = pass_time(account(), end, SHIPPED)
    often, emitted = account(), []
    for look in sorted(looks):
        passed = pass_time(often, when(0, 0, look), SHIPPED)
        assert passed.account is not None
        often, emitted = passed.account, emitted + passed.emitted
    passed = pass_time(often, end, SHIPPED)
    assert emitted + passed.emitted == once.emitted
    assert passed.account is not None
    assert once.account is not None
    assert all_of(passed.account) == all_of(once.account)


@thorough
@given(happenings())
def test_a_deadline_that_has_fired_lies_behind(happened: Any) -> None:
    account = stepped(*(line for _, line in happened))
    while account is not None:
        due = account.due
        assert pass_time(codec.decode(b"a", codec.encode(account)), due, SHIPPED).emitted == [], (
            "fired before it was due"
        )
        account = pass_time(account, due + 1, SHIPPED).account
        assert account is None or account.due > due, "a deadline that does not move on never ends"


# X7: state ends.


def test_a_bare_account_goes_when_its_last_posting_is_folded() -> None:
    kept = Kept().read(tick(at(0, 13)), out("x", at(0), 1), move("y", at(0, 13), 1, "in", "cash"))
    assert list(kept.tick(when(1, 13)).accounts) == ["a"], "the last posting may still be reordered"
    assert kept.tick(when(1, 13) + 1).accounts == {}


def test_a_bare_account_goes_however_its_postings_were_read() -> None:
    kept = Kept().read(tick(at(0, 13)), out("y", at(0, 13), 1), out("x", at(0), 1))
    assert list(kept.tick(when(1) + 1).accounts) == ["a"]
    assert kept.tick(when(1, 13) + 1).accounts == {}


def test_a_void_cycle_keeps_an_account_until_it_ends() -> None:
    kept = Kept().read(credit("p", at(0), 1), credit("r", at(0, 13), 1, reverses="p"))
    assert list(kept.tick(when(33, 0)).accounts) == ["a"]
    assert kept.tick(when(33, 0) + 1).accounts == {}
    assert kept.facts == []


@pytest.mark.parametrize("lines", [LARGE, (PROFILE_LINE, LARGE[1]), (PROFILE_LINE, *LARGE)])
def test_any_account_goes_400_days_after_its_last_posting_rounded_up_to_ten_days(
    lines: tuple[Values, ...],
) -> None:
    kept = Kept().read(*lines)
    goes = -(-(when(1) + 400 * DAY) // (10 * DAY)) * (10 * DAY)
    assert list(kept.tick(goes).accounts) == ["a"], "gone before its 400 days are over"
    assert kept.tick(goes + MINUTE).accounts == {}, "state has no end"


def test_a_profile_alone_is_kept() -> None:
    assert list(Kept().read(PROFILE_LINE).tick(when(2000)).accounts) == ["a"]


def test_a_history_keeps_an_account_and_the_next_posting_extends_it() -> None:
    kept = Kept().read(*LARGE).tick(when(300)).read(out("y", at(300), 1))
    assert list(kept.tick(when(402 + 20)).accounts) == ["a"]
    assert kept.tick(when(300 + 411)).accounts == {}


def test_an_account_that_is_gone_starts_afresh() -> None:
    kept = Kept().read(*LARGE).tick(when(500))
    kept.read(out("x", at(500), 1, currency="EUR"))
    assert kept.partition.row.books.dead == {}, "a forgotten account still judges currencies"
    assert kept.accounts["a"].currency == "EUR"


@pytest.mark.parametrize("hours", [0, 1, 168])
def test_lateness_is_the_playbook_s(hours: int) -> None:
    by = rules(accounting={"allowed_lateness_hours": hours})
    event = the(out("x", at(10), 1))
    assert step(None, event, when(10) + hours * HOUR, by).refused is None
    assert step(None, event, when(10) + hours * HOUR + 1, by).refused is not None


def test_a_step_on_nothing_starts_the_account_the_event_names() -> None:
    done = step(None, the(LARGE[0]), None, SHIPPED)
    assert done.account is not None
    assert done.account.account_id == "a"
    assert done.account.due != profiled().due, "a pending credit has no deadline"
