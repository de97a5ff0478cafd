"""An hour that comes once a local day, such as 04:00, in the bank's time zone. Days are ordinals."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from schemas.instant import from_datetime
from streams.calendar.days import Days

_REMEMBERED: Final = 10_000


class DailyHour:
    """The instants of one local hour. Where clocks go forward over it, the hour that would have been."""

    def __init__(self, timezone: str, hour: int) -> None:
        self._zone = ZoneInfo(timezone)
        self._days = Days(timezone)
        self._hour = hour
        self._instants: dict[int, int] = {}

    def instant(self, day: int) -> int:
        """The hour of a local day, in microseconds."""
        known = self._instants.get(day)
        if known is None:
            if len(self._instants) >= _REMEMBERED:
                self._instants.clear()
            on = date.fromordinal(day)
            local = datetime(on.year, on.month, on.day, self._hour, tzinfo=self._zone)
            known = self._instants[day] = from_datetime(local.astimezone(UTC))
        return known

    def day_after(self, instant: int) -> int:
        """The first local day whose hour is later than ``instant`` (microseconds)."""
        day = self._days.ordinal(instant)
        return day if instant < self.instant(day) else day + 1
