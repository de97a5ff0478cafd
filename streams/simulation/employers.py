"""Employers and their paydays: cadence, shift on rest days, pays that fall together."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple

from streams.calendar.workdays import Calendar, Shift
from streams.simulation.population import Population

MERGE_DAYS: Final = 3
"""Pays fewer days apart than this are one payday to the bank (R4)."""


class Cadence(StrEnum):
    """How often an employer pays, and what its ``day`` counts."""

    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    SEMI_MONTHLY = "semi_monthly"
    MONTHLY = "monthly"
    LAST_WORKDAY = "last_workday"


@dataclass(frozen=True, slots=True)
class Employer:
    """A payroll unit. ``day``: of the month; if paid by the week, the remainder of the date's ordinal by 14.

    ``second``: of the local day, when its batch is posted.
    """

    employer_id: str
    cadence: Cadence
    day: int
    shift: Shift
    payroll_source: str
    branch_id: str
    second: int


class Payday(NamedTuple):
    """The days of one payday's pays, the first of which names it; whether it is the month's first."""

    days: tuple[date, ...]
    first_of_month: bool

    @property
    def day(self) -> date:
        """The payday: the local date of the first pay."""
        return self.days[0]


# A pattern rather than a draw, so that every cadence is there however few employers are.
_CADENCES: Final = (
    (Cadence.MONTHLY, 10),
    (Cadence.LAST_WORKDAY, 31),
    (Cadence.MONTHLY, 15),
    (Cadence.SEMI_MONTHLY, 5),
    (Cadence.MONTHLY, 25),
    (Cadence.BIWEEKLY, 4),
    (Cadence.MONTHLY, 5),
    (Cadence.MONTHLY, 8),
    (Cadence.WEEKLY, 5),
    (Cadence.MONTHLY, 20),
    (Cadence.MONTHLY, 28),
    (Cadence.SEMI_MONTHLY, 10),
)
_SHIFTS: Final[tuple[Shift, ...]] = ("earlier", "earlier", "earlier", "later", "none")


def employers(population: Population) -> list[Employer]:
    """The employers of a population, about one for fifty accounts."""
    return [_employer(population.seed, n) for n in range(max(len(_CADENCES), population.accounts // 50))]


def pension_offices() -> list[Employer]:
    """Who pays pensions and benefits: monthly on the 15th, before a rest day, one of two social insurance."""
    sources = ("pension", "social")
    return [
        Employer(f"office-{n}", Cadence.MONTHLY, 15, "earlier", source, f"branch-{n:03}", 8 * 3600)
        for n, source in enumerate(sources)
    ]


def _employer(seed: int, n: int) -> Employer:
    rng = Random(f"{seed}/employer/{n}")
    cadence, day = _CADENCES[n % len(_CADENCES)]
    # Not by the same remainder as the cadence, or a cadence would always have the same shift.
    shift: Shift = "earlier" if cadence is Cadence.LAST_WORKDAY else rng.choice(_SHIFTS)
    second = rng.randrange(8 * 3600, 17 * 3600)
    return Employer(f"employer-{n:05}", cadence, day, shift, "employed", f"branch-{n % 40:03}", second)


def paydays(employer: Employer, start: date, end: date, calendar: Calendar) -> list[Payday]:
    """The paydays from ``start`` up to but not including ``end``, rest-day shift applied."""
    # A month to either side, since a shift can carry a pay into the range or out of it.
    month = timedelta(days=31)
    due = _due(employer, start - month, end + month)
    days = sorted(calendar.shift(day, employer.shift) for day in due)
    found = []
    last = date.min
    for group in _together(days):
        found.append(Payday(group, (group[0].year, group[0].month) != (last.year, last.month)))
        last = group[0]
    return [payday for payday in found if start <= payday.day < end]


def _together(days: list[date]) -> Iterator[tuple[date, ...]]:
    group: list[date] = []
    for day in days:
        if group and (day - group[0]).days >= MERGE_DAYS:
            yield tuple(group)
            group = []
        group.append(day)
    if group:
        yield tuple(group)


def _due(employer: Employer, start: date, end: date) -> Iterator[date]:
    """The days on which pay is due by the contract, before any shift."""
    every = {Cadence.WEEKLY: 7, Cadence.BIWEEKLY: 14}.get(employer.cadence)
    for ordinal in range(start.toordinal(), end.toordinal()):
        day = date.fromordinal(ordinal)
        if (ordinal - employer.day) % every == 0 if every else day.day in _days_of(employer, day):
            yield day


def _days_of(employer: Employer, month: date) -> tuple[int, ...]:
    last = monthrange(month.year, month.month)[1]
    first = min(employer.day, last)
    return (first, first + 15) if employer.cadence is Cadence.SEMI_MONTHLY else (first,)
