"""What the simulation writes: postings in thought, and lines of an events file (O6)."""

from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypedDict

DAY: Final = 86_400
CREDIT: Final = "payroll_credit"
"""The kind of a posting that is a payroll credit."""


class SimulatedLine(TypedDict):
    """One record of an events file: a type topic, the account, and a value ready for JSON."""

    topic: str
    key: str
    value: dict[str, Any]


class SimulatedPosting(NamedTuple):
    """A posting before it is booked. ``at``: local second, see ``second_of``; ``amount`` in fen."""

    at: int
    kind: str
    direction: str
    amount: int
    channel: str
    counterparty: dict[str, Any] | None = None
    merchant: dict[str, Any] | None = None
    reverses: str | None = None


def second_of(day: date, second: int = 0) -> int:
    """A local date and second of that day → seconds since the day before 0001-01-01, local time."""
    return day.toordinal() * DAY + second


@lru_cache(maxsize=128)
def _date_text(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def stamp(at: int) -> str:
    """A local second → RFC 3339 in Asia/Shanghai, which has kept +08:00 all year round since 1992."""
    ordinal, second = divmod(at, DAY)
    minute, second = divmod(second, 60)
    return f"{_date_text(ordinal)}T{minute // 60:02}:{minute % 60:02}:{second:02}+08:00"
