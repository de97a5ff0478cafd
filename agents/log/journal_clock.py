"""Where the clock of the journal stands, and whether somebody else moves it."""

from collections.abc import AsyncIterator
from typing import Final

from agents.log.offsets import LogReader
from agents.log.records import TP
from agents.settings import Settings
from schemas import topics
from schemas.decode import decode, type_header
from schemas.events import Tick

FIRST_LOOK: Final = 1_000
WIDENED: Final = 8
"""Each look back spans so many times the offsets of the one before."""
LOOK_BACK: Final = 2_000_000
"""A journal without a tick in so many offsets counts as one without ticks."""


class JournalClock:
    """Reads the ticks of partition 0, where every tick is. Use as an async context manager."""

    def __init__(self, settings: Settings) -> None:
        # What was committed a moment ago is to be seen; an aborted tick says as well that a clock runs.
        self._log = LogReader(settings, isolation_level="read_uncommitted")
        self._tp = TP(topics.JOURNAL, 0)
        self._position = 0

    async def __aenter__(self) -> "JournalClock":
        await self._log.__aenter__()
        await self._log.partitions(topics.JOURNAL)
        self._position = await self._end()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._log.__aexit__(*exc)

    async def stands_at(self) -> int | None:
        """The newest tick's instant, microseconds; None without ticks."""
        upper, width = await self._end(), FIRST_LOOK
        first = max((await self._log.begins([self._tp]))[self._tp], upper - LOOK_BACK)
        while upper > first:
            lower = max(first, upper - width)
            if ticks := [instant async for instant in self._ticks(lower, upper)]:
                return ticks[-1]
            upper, width = lower, width * WIDENED
        return None

    async def newest(self) -> int | None:
        """The largest instant ticked since the last call, or since the beginning; None if there was no tick."""
        start, self._position = self._position, await self._end()
        return max([instant async for instant in self._ticks(start, self._position)], default=None)

    async def _end(self) -> int:
        return (await self._log.ends([self._tp]))[self._tp]

    async def _ticks(self, start: int, end: int) -> AsyncIterator[int]:
        async for record_set in self._log.read(self._tp, start, end):
            for record in record_set.records:
                if not record.key and isinstance(event := decode(record.value, type_header(record)), Tick):
                    yield event.instant
