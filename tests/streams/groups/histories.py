"""Generated groups logs: several journal partitions that tell of employers, and how their records came together."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from streams.groups.rules import GroupRules
from tests.schemas.broadcasts import CALENDAR
from tests.streams.groups.builders import Record, local, playbook, rules, watermark

DELTAS = [
    timedelta(),
    timedelta(microseconds=1),
    timedelta(minutes=1),
    timedelta(hours=5),
    timedelta(days=1),
    timedelta(days=9),
    timedelta(days=30),
    timedelta(days=90),
    timedelta(days=399),
]
AGO = [0, 0, 0, 0, 1, 2, 3, 6, 30, 60, 100]
BACK = st.sampled_from([None, None, 1, 2, 400])


class History(NamedTuple):
    """What each journal partition wrote, in its order, watermarks included, and all of it after some time."""

    zone: str
    merge_days: int
    partitions: list[list[Record]]
    end: datetime

    @property
    def rules(self) -> GroupRules:
        return rules(self.zone, self.merge_days)

    @property
    def told(self) -> list[Record]:
        """What the employers were told of, in no order that matters."""
        return [one for written in self.partitions for one in written if one["type"] != "watermark"]

    @property
    def last(self) -> list[Record]:
        """Watermarks at the end of it all."""
        count = len(self.partitions)
        return [watermark(self.end, number, count) for number in range(count)]


@st.composite
def histories(draw: st.DrawFn) -> History:
    zone = draw(st.sampled_from(["Asia/Shanghai", "Europe/Prague"]))
    count = draw(st.integers(1, 3))
    start = local("2026-02-27 12:00", zone)  # clocks go forward in Prague four weeks later
    written, ends = [], [start]
    for number in range(count):
        records, end = _written(draw, start, zone, number, count)
        written.append(records)
        ends.append(end)
    after = draw(st.sampled_from([timedelta(minutes=1), timedelta(days=2), timedelta(days=600)]))
    return History(zone, draw(st.sampled_from([1, 3, 7])), written, max(ends) + after)


def _written(
    draw: st.DrawFn, at: datetime, zone: str, number: int, count: int
) -> tuple[list[Record], datetime]:
    records: list[Record] = []
    told: list[Record] = []
    for _ in range(draw(st.integers(0, 7))):
        at = _later(draw, at, zone)
        if draw(st.booleans()):
            records.append(watermark(at, number, count))
        record = _told(draw, at, zone, number, told)
        told.append(record)
        records.append(record)
    return records, at


def _later(draw: st.DrawFn, at: datetime, zone: str) -> datetime:
    # Elapsed, not by the wall: an aware datetime adds on the wall.
    later = datetime.fromtimestamp(at.timestamp(), tz=UTC) + draw(st.sampled_from(DELTAS))
    if draw(st.booleans()):
        at_four = local(f"{later.astimezone(at.tzinfo).date()} 04:00", zone)
        return max(at_four.astimezone(UTC), later)
    return later


def _told(draw: st.DrawFn, at: datetime, zone: str, number: int, told: list[Record]) -> Record:
    today = at.astimezone(local("2026-01-01", zone).tzinfo).date()
    payday = today - timedelta(days=draw(st.sampled_from(AGO)))
    employer = draw(st.sampled_from(["e", "e", "f"]))
    base = {
        "employer_id": employer,
        "at": at.isoformat(),
        "partition": number,
        "count": draw(st.integers(1, 9)),
    }
    if draw(st.integers(0, 3)) == 0:
        return {"type": "closed", "payday": str(payday), **base, **_figures(draw)}
    on = {"payday": str(payday), "amount": draw(st.integers(1, 10**18))}
    return {"type": "paid", **base, **_change(draw, on, base, told, today)}


def _change(draw: st.DrawFn, on: Record, base: Record, told: list[Record], today: date) -> Record:
    # What is taken back was told before, most of the time; nothing hangs on it.
    before = [
        one
        for one in told
        if one.get("now") and one["employer_id"] == base["employer_id"] and _is_recent(one, today)
    ]
    was = None
    if before and draw(st.booleans()):
        old = draw(st.sampled_from(before))
        was, base["count"] = old["now"], old["count"]
    now = None if was is not None and draw(st.booleans()) else on
    first = min(one["payday"] for one in (was, now) if one is not None)
    back = draw(BACK)
    previous = None if back is None else datetime.fromisoformat(first).date() - timedelta(days=back)
    return {
        "was": was,
        "now": now,
        "previous": None if previous is None else str(previous),
        "count": base["count"],
    }


def _is_recent(one: Record, today: date) -> bool:
    return (today - datetime.fromisoformat(one["now"]["payday"]).date()).days <= 100


def _figures(draw: st.DrawFn) -> Record:
    pay = draw(st.integers(1, 10**18))
    return {
        "class": draw(st.sampled_from(["loyal", "transfer_out", "spend_down"])),
        "pay": pay,
        "kept": draw(st.integers(0, pay)),
        "moved_out": draw(st.integers(-(10**18), 10**18)),
        "newly_mover": draw(st.booleans()),
        "product_count": draw(st.sampled_from([None, 0, 2, 3, 5, 10_000])),
    }


@st.composite
def with_broadcasts(draw: st.DrawFn, log: list[Record], history: History) -> list[Record]:
    """A log with some playbooks and calendars in it, one of them perhaps refused."""
    broadcast = list(log)
    for version in range(2, draw(st.integers(2, 5))):
        change = CALENDAR | {"version": version}
        if draw(st.integers(0, 3)):
            zone = draw(st.sampled_from([*[history.zone] * 7, "Europe/Lisbon"]))
            since = history.end - draw(st.sampled_from(DELTAS))
            change = playbook(version, since, zone, draw(st.sampled_from([1, 2, 7, 9])))
        broadcast.insert(draw(st.integers(0, len(broadcast))), change)
    return broadcast


@st.composite
def interleaved(draw: st.DrawFn, partitions: list[list[Record]]) -> list[Record]:
    """The records of several partitions as they may come together: each partition's in its order."""
    left = [list(one) for one in partitions if one]
    log: list[Record] = []
    while left:
        written = left[draw(st.integers(0, len(left) - 1))]
        log.append(written.pop(0))
        left = [one for one in left if one]
    return log
