"""The inbox of a partition: contiguous record sets waiting to be applied (X2).

While one transaction is under way, what arrives for its partition waits here and is then taken
together: the set grows with the load by itself. Faust delivers records fetched before its own
seeks, so a set that does not follow on the one before is thrown away and fetched again.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from agents.log.records import TP, LogGapError, RecordSet

SEEK_AGAIN_SECONDS = 0.5
SEEKS = 20


class Inbox:
    """Sets of one partition from ``position`` on. ``seek`` sends the consumer to a position."""

    def __init__(
        self, tp: TP, position: int, seek: Callable[[TP, int], Awaitable[None]], max_bytes: int
    ) -> None:
        self.tp = tp
        self.position = position
        self.skipped = 0
        self._end = position
        self._seek = seek
        self._max_bytes = max_bytes
        self._bytes = 0
        self._sets: deque[RecordSet] = deque()
        self._arrived = asyncio.Event()
        self._sought_at = 0.0
        self._seeks_back = 0
        self._owes_seek = False

    @property
    def is_full(self) -> bool:
        """Whether fetching should pause."""
        return self._bytes >= self._max_bytes

    @property
    def end(self) -> int:
        """The position up to which sets have arrived."""
        return self._end

    async def offer(self, record_set: RecordSet) -> None:
        """Take a set in if it is the next one; else discard it and seek to where the next one begins.

        Raises ``LogGapError`` when seeking does not help.
        """
        if record_set.start == self._end:
            self._end = record_set.end
            self._seeks_back = 0
            self._sets.append(record_set)
            self._bytes += record_set.size
            self._arrived.set()
            return
        self.skipped += len(record_set.records)
        self._owes_seek = True
        if record_set.start > self._end and self._may_seek():
            self._seeks_back += 1
            if self._seeks_back > SEEKS:
                raise LogGapError(
                    f"{self.tp.topic}-{self.tp.partition}: position {self._end} is never delivered, the log goes on at "
                    f"{record_set.start}: records were deleted unread. Raise the topic's retention, restore them, or "
                    "commit a later position for the group by hand if the loss is accepted"
                )
        await self._seek_if_owed()

    def _may_seek(self) -> bool:
        # Sets fetched before a seek still arrive for a moment; do not answer each with another.
        return monotonic() - self._sought_at > SEEK_AGAIN_SECONDS

    async def _seek_if_owed(self) -> None:
        if self._owes_seek and self._may_seek():
            self._owes_seek = False
            self._sought_at = monotonic()
            await self._seek(self.tp, self._end)

    async def take(self, max_records: int, timeout: float) -> RecordSet | None:
        """The next records as one set, ``max_records`` at most; None if nothing came in ``timeout`` seconds."""
        if not self._sets:
            # The last set that was discarded may have been the last for now: nothing else would ask.
            await self._seek_if_owed()
            self._arrived.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._arrived.wait()
            except TimeoutError:
                return None
        taken: list[RecordSet] = []
        room = max_records
        while self._sets and (room or not self._sets[0].records):
            record_set = self._sets.popleft()
            if len(record_set.records) > room:
                record_set, rest = record_set.split(room)
                self._sets.appendleft(rest)
            room -= len(record_set.records)
            taken.append(record_set)
        merged = _merged(taken)
        self._bytes -= merged.size
        self.position = merged.end
        return merged


def _merged(sets: list[RecordSet]) -> RecordSet:
    if len(sets) == 1:
        return sets[0]
    return RecordSet(
        sets[0].tp,
        sets[0].start,
        sets[-1].end,
        [record for record_set in sets for record in record_set.records],
        sum(record_set.size for record_set in sets),
    )
