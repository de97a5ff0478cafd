"""The words of the reference: rules, posting, result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any, Literal
from zoneinfo import ZoneInfo

Outcome = Literal["applied", "duplicate"] | tuple[Literal["dead"], str]
CurvePoint = tuple[int, str | None, int | None]


@dataclass(frozen=True)
class Rules:
    """The numbers of section 3, with its defaults."""

    merge_days: int = 3
    window_days: int = 7
    curve_days: int = 31
    loyal_share: Fraction = Fraction(1, 2)
    min_amount: int = 100_000
    single_share: Fraction = Fraction(3, 10)
    cumulative_share: Fraction = Fraction(1, 2)
    lateness_hours: int = 24
    pending_limit: int = 1_000

    @staticmethod
    def of(values: Mapping[str, Any]) -> "Rules":
        """Rules from plain values; a share 0.3 means three tenths, not the nearest binary fraction."""
        exact: dict[str, Any] = {
            name: Fraction(str(value)) if name.endswith("_share") else value for name, value in values.items()
        }
        return Rules(**exact)

    @property
    def leaving_limit(self) -> int:
        """How many transfers a fact tells of, and a cycle looks back on (R11)."""
        return min(self.pending_limit, 1_000)

    @property
    def lateness(self) -> timedelta:
        """allowed_lateness, elapsed time (R2)."""
        return timedelta(hours=self.lateness_hours)


@dataclass(frozen=True)
class Posting:
    """A payroll credit or a transfer; ``at`` in UTC, ``day`` its local date (R1)."""

    account_id: str
    event_id: str
    at: datetime
    day: date
    credit: bool
    reverses: bool
    amount: int
    currency: str
    balance: int | None
    employer_id: str | None
    payroll_source: str | None
    direction: str | None
    kind: str | None
    counterparty: tuple[str, str] | None

    @property
    def order(self) -> tuple[datetime, bytes]:
        """R2: occurred_at, then event_id as UTF-8 bytes."""
        return self.at, self.event_id.encode()

    @property
    def out_transfer(self) -> bool:
        """An out transfer without ``reverses``: what R9 and the habit look at."""
        return not self.credit and not self.reverses and (self.direction, self.kind) == ("out", "transfer")


Order = tuple[datetime, bytes]
"""Where a posting stands in R2 order."""


@dataclass
class Accepted:
    """The postings of an account in log order, up to which one they were folded because too many
    waited, and the local days on which such a one occurred (R11)."""

    postings: list[Posting] = field(default_factory=list)
    folded_to: Order | None = None
    hot_days: list[date] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """Up to when everything is known of an account: by the clock, and by what was folded before its time."""

    clock: datetime | None
    folded_to: Order | None


@dataclass
class Outflows:
    """The ``outflow`` facts of one cycle, in order. ``final``: whether these are all of them, and all are out;
    else some of the first may be."""

    facts: list[dict[str, Any]]
    final: bool


@dataclass
class Result:
    """What came of the lines. ``curves`` is keyed by (account_id, cycle_payday); ``hot``: (account_id, day);
    ``outflows``: cycle by cycle."""

    outcomes: list[Outcome]
    counts: dict[str, Any]
    clock: datetime | None
    cycles: list[dict[str, Any]] = field(default_factory=list)
    curves: dict[tuple[str, str], list[CurvePoint]] = field(default_factory=dict)
    hot: list[tuple[str, str]] = field(default_factory=list)
    outflows: list[Outflows] = field(default_factory=list)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """R1: the instant, in UTC, at which a local day starts."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)
