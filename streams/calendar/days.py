"""Local days in the bank's time zone (R1). Days are proleptic Gregorian ordinals."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schemas.instant import DAY, HOUR, MINUTE, from_datetime, to_datetime

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_SLOT: Final = 15 * MINUTE


class Days:
    """Instants to local days and back, for one time zone.

    Offsets change at most twice a year, so they are remembered by quarter of an hour:
    the hot path asks for the day of every posting. ``remembered``: how many at most.
    """

    def __init__(self, timezone: str, remembered: int = 200_000) -> None:
        self._zone = ZoneInfo(timezone)
        self._remembered = remembered
        self._offsets: dict[int, int] = {}
        self._midnights: dict[int, int] = {}

    def ordinal(self, instant: int) -> int:
        """The local day on which an instant (microseconds) falls."""
        return (instant + self._offset(instant)) // DAY + _EPOCH_ORDINAL

    def day_ends(self, instant: int) -> int:
        """The instant (microseconds) at which the local day of an instant ends."""
        return self.midnight(self.ordinal(instant) + 1)

    def hour(self, instant: int) -> int:
        """The local hour of an instant, 0 to 23."""
        return (instant + self._offset(instant)) % DAY // HOUR

    def midnight(self, ordinal: int) -> int:
        """The instant (microseconds) at which a local day begins."""
        known = self._midnights.get(ordinal)
        if known is None:
            if len(self._midnights) > self._remembered:
                self._midnights.clear()
            day = date.fromordinal(ordinal)
            local = datetime(day.year, day.month, day.day, tzinfo=self._zone)
            known = self._midnights[ordinal] = from_datetime(local.astimezone(UTC))
        return known

    def _offset(self, instant: int) -> int:
        slot = instant // _SLOT
        known = self._offsets.get(slot)
        if known is None:
            known = self._offset_at(instant)
            # A transition inside the slot (old local mean times) must not be remembered for all of it.
            if self._offset_at(slot * _SLOT) == self._offset_at((slot + 1) * _SLOT - 1):
                if len(self._offsets) > self._remembered:
                    self._offsets.clear()
                self._offsets[slot] = known
        return known

    def _offset_at(self, instant: int) -> int:
        offset = to_datetime(instant).astimezone(self._zone).utcoffset()
        return (offset or timedelta()) // timedelta(microseconds=1)


def to_date(ordinal: int) -> date:
    """A day's ordinal → date."""
    return date.fromordinal(ordinal)
