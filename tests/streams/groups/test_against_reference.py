"""The fold of the groups log and the rules applied to the whole history at once (A2, A9, E1, E2, E6, P1)."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from schemas.dead import Reason
from streams.groups import keys
from streams.groups.entries import Entries
from streams.groups.state import EARLIER, FIRST, Head, MonthSums, PaydaySums
from tests.reference import groups as reference
from tests.streams.groups.builders import PLAYBOOK, Kept, Record, of
from tests.streams.groups.histories import History, histories, interleaved

examined = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def last_day(history: History) -> date:
    """The day of the last 04:00 before the end."""
    end = history.end.astimezone(ZoneInfo(history.zone))
    four = datetime(end.year, end.month, end.day, 4, tzinfo=end.tzinfo).astimezone(UTC)
    return end.date() if four < history.end.astimezone(UTC) else date.fromordinal(end.date().toordinal() - 1)


def folded(history: History, log: list[Record]) -> Kept:
    kept = Kept(history.rules).read(*log, *history.last)
    assert [one for one in kept.dead if one.rejection.reason != Reason.TOO_LATE] == []
    return kept


def whole(history: History, employer: str) -> reference.Reference:
    told = of(history.told, employer)
    return reference.Reference(told, history.zone, history.merge_days, PLAYBOOK)


@examined
@given(histories(), st.data())
def test_the_fold_says_what_the_whole_history_comes_to(history: History, data: st.DataObject) -> None:
    log = data.draw(interleaved(history.partitions))
    kept = folded(history, log)
    assert kept.dead == [], "a partition's records are never earlier than its watermarks"
    for employer in ("e", "f"):
        note(f"records of {employer}: {of(history.told, employer)}")
        facts, answers = whole(history, employer).said(last_day(history))
        assert of(kept.facts, employer) == facts
        assert [one for one in kept.answers if one[1]["employer_id"] == employer] == answers


@examined
@given(histories(), st.data())
def test_what_is_kept_is_the_sums_of_the_whole_history(history: History, data: st.DataObject) -> None:
    kept = folded(history, data.draw(interleaved(history.partitions)))
    for employer in ("e", "f"):
        lives = whole(history, employer).lives(last_day(history))
        if lives and lives[-1][1] is None:
            by_day = whole(history, employer).by_day
            told = [record for day in lives[-1][0] for record in by_day[day]]
            assert sums_of(kept, employer) == expected(told, sums_of(kept, employer)[0])
            assert months_of(kept, employer) == by_month(told, lives[-1][0][-1])


def sums_of(kept: Kept, employer: str) -> tuple[list[date], list[Any]]:
    entries, group = Entries(kept.table), f"employer:{employer}".encode()
    head = entries.get(keys.key_of(group, keys.HEAD), Head)
    assert head is not None, "it was told of"
    dates = [date.fromordinal(day) for day in head.dates]
    found = [entries.get(keys.key_of(group, keys.PAYDAY, day), PaydaySums) for day in head.dates]
    return dates, [
        (one.heads, one.pay, one.by_previous, one.closed.count) for one in found if one is not None
    ]


def expected(told: list[Record], dates: list[date]) -> tuple[list[date], list[Any]]:
    heads, pay, closed = reference.sums(told)
    previous = reference.previous(told)
    sums = [
        (
            heads[day],
            pay[day],
            by_previous(day, previous),
            reference.heads_of(one for one in closed if reference.day_of(one) == day),
        )
        for day in dates
    ]
    return dates, sums


def by_previous(day: date, previous: dict[tuple[date, date | None], int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for (payday, before), heads in previous.items():
        if payday == day:
            key = FIRST if before is None else before.toordinal() if (day - before).days <= 100 else EARLIER
            found[key] = found.get(key, 0) + heads
    return {key: heads for key, heads in found.items() if heads}


def months_of(kept: Kept, employer: str) -> dict[str, tuple[int, int]]:
    entries, group = Entries(kept.table), f"employer:{employer}".encode()
    head = entries.get(keys.key_of(group, keys.HEAD), Head)
    assert head is not None, "it was told of"
    found = {}
    for month in head.months:
        sums = entries.get(keys.key_of(group, keys.MONTH, month), MonthSums)
        assert sums is not None, "the head lists what there is"
        found[str(date.fromordinal(month))[:7]] = (sums.closed.count, sums.closed.kept)
    return found


def by_month(told: list[Record], day: date) -> dict[str, tuple[int, int]]:
    oldest = f"{day.year - 2}-{day.month:02}"
    months = {one["payday"][:7] for one in told if one["type"] == "closed"}
    return {
        month: (
            sum(one["count"] for one in told if one["type"] == "closed" and one["payday"][:7] == month),
            sum(one["kept"] for one in told if one["type"] == "closed" and one["payday"][:7] == month),
        )
        for month in months
        if month > oldest
    }
