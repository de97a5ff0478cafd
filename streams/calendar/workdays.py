"""Workdays: which days a bank works, and where a payday goes that falls on a rest day.

China comes from ``chinese_calendar``, which holds the State Council's yearly notices, make-up workdays
included. Version 1.11 knows 2004 to 2026. A year's notice can also rule the last days of the year
before it, so those may still change until it is out. Every other country comes from ``holidays``, which
computes most days ahead (1952 to 2100 for Czechia, for example), with the country's own weekend.

Outside its range a calendar knows weekends only, and ``is_certain`` says so.
"""

from abc import ABC, abstractmethod
from datetime import date, timedelta
from functools import cache
from typing import Literal

import chinese_calendar
import holidays

Shift = Literal["earlier", "later", "none"]
"""Where a payday on a rest day goes: the workday before, the workday after, or nowhere."""

_DAY = timedelta(days=1)


class Calendar(ABC):
    """The workdays of one country. Every date is a local date of the bank."""

    @abstractmethod
    def is_workday(self, day: date) -> bool:
        """Whether the country works that day; beyond the range, whether it is not a weekend."""

    @abstractmethod
    def valid_from(self) -> date:
        """The first day the calendar is sure of."""

    @abstractmethod
    def valid_until(self) -> date:
        """The last day the calendar is sure of."""

    def is_certain(self, day: date) -> bool:
        """Whether ``is_workday`` knows this day's holidays, rather than weekends only."""
        return self.valid_from() <= day <= self.valid_until()

    def shift(self, day: date, how: Shift) -> date:
        """The day a payment due on ``day`` is made: the day itself if it is a workday."""
        step = {"earlier": -_DAY, "later": _DAY, "none": None}[how]
        while step is not None and not self.is_workday(day):
            day += step
        return day

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th workday after ``day``, or before it where n < 0; ``day`` itself where n is 0.

        ``day`` may be a rest day and is never counted: one workday after a Saturday is the Monday.
        """
        step = _DAY if n > 0 else -_DAY
        for _ in range(abs(n)):
            day += step
            while not self.is_workday(day):
                day += step
        return day


class _China(Calendar):
    # The package's own is_workday searches its whole table for the range at every call, and raises
    # beyond it; its tables hold nothing there, so the same rule on them falls back to weekends.
    def __init__(self) -> None:
        self._rest = frozenset(chinese_calendar.holidays)
        self._made_up = frozenset(chinese_calendar.workdays)
        self._years = min(self._rest).year, max(self._rest).year

    def is_workday(self, day: date) -> bool:
        return day in self._made_up or (day.weekday() < 5 and day not in self._rest)

    def valid_from(self) -> date:
        return date(self._years[0], 1, 1)

    def valid_until(self) -> date:
        return date(self._years[1], 12, 31)


class _Country(Calendar):
    def __init__(self, known: holidays.HolidayBase) -> None:
        self._known = known

    def is_workday(self, day: date) -> bool:
        return bool(self._known.is_working_day(day))

    def valid_from(self) -> date:
        return date(self._known.start_year, 1, 1)

    def valid_until(self) -> date:
        return date(self._known.end_year, 12, 31)


@cache
def calendar_for(country: str) -> Calendar:
    """The calendar of a country by its ISO 3166 code (playbook ``bank.calendar``).

    Raises ``ValueError`` for a code that is not known.
    """
    if country == "CN":
        return _China()
    try:
        return _Country(holidays.country_holidays(country))
    except NotImplementedError as error:
        raise ValueError(f"no calendar for {country!r}; use a country code such as CN or CZ") from error
