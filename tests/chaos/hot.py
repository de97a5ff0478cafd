"""A hot account among the others: far more postings in a day than may wait (R11)."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schemas.instant import format_instant, parse_instant
from schemas.topics import PAYROLL_CREDITS, TRANSFERS
from streams.journal.eventsfile import Line

ACCOUNT: Final = "hot-account"
DAY: Final = datetime(2025, 3, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
_KINDS: Final = ("consumption", "transfer", "cash", "bill")


def with_hot_account(lines: Iterator[Line], postings: int) -> Iterator[Line]:
    """The lines, and among those of one day so many more of one account, spread over that day; every
    seventh is written behind its successor, and one in a hundred undoes the transfer before it."""
    begins, ends = format_instant(_micros(0)), format_instant(_micros(24))
    hot: Iterator[Line] = iter(())
    started = False
    for line in lines:
        yield line
        at = _occurred_at(line)
        if at is not None and not started and parse_instant(begins) <= at < parse_instant(ends):
            hot, started = _postings(postings), True
        if started:
            # Faster than a day's worth: all are written within the day's lines, and what is left at its end.
            yield from _some(hot, 20)
    yield from hot


def _some(lines: Iterator[Line], count: int) -> Iterator[Line]:
    for _, line in zip(range(count), lines, strict=False):
        yield line


def _postings(count: int) -> Iterator[Line]:
    yield _line(PAYROLL_CREDITS, "pay", _micros(0), employer_id="e-hot", payroll_source="employed")
    order = list(range(count))
    for n in range(0, count - 1, 7):
        order[n], order[n + 1] = order[n + 1], order[n]
    for n in order:
        undoes = f"hot-{n - 1}" if n % 100 == 99 else None
        direction, kind = ("in", "transfer") if undoes else ("out", _KINDS[n % len(_KINDS)])
        at = _micros(1) + n * 22 * 3_600_000_000 // count
        more = {"direction": direction, "kind": kind, "channel": "online", "reverses": undoes}
        yield _line(TRANSFERS, str(n), at, **more)


def _line(topic: str, name: str, at: int, **more: object) -> Line:
    value = {
        "event_id": f"hot-{name}",
        "account_id": ACCOUNT,
        "customer_id": "c-hot",
        "amount": 10**10 if name == "pay" else 100_000 + len(name),
        "currency": "CNY",
        "balance_after": None,
        "occurred_at": format_instant(at),
    }
    return Line(topic, ACCOUNT.encode(), json.dumps(value | more).encode())


def _micros(hours: int) -> int:
    return int((DAY + timedelta(hours=hours)).timestamp()) * 1_000_000


def _occurred_at(line: Line) -> int | None:
    try:
        value = json.loads(line.value or b"")
        return parse_instant(value["occurred_at"])
    except (ValueError, KeyError, TypeError):
        return None
