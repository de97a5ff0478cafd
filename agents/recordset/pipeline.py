"""The pipeline of one partition: take, apply, commit, one transaction after the other (X2).

Pipelines of different partitions overlap: while one waits for the broker, another computes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Protocol

from agents.log.records import TP
from agents.log.transaction import Transactor, Writes
from agents.recordset.inbox import Inbox
from schemas.decode import RawRecord

IDLE_SECONDS = 0.1
"""How long a pipeline waits for records before it looks for other work."""

APPLY_SECONDS = 1.0
"""How long one application may take: consumer and heartbeats wait on the same loop meanwhile."""

FIRST_RECORDS = 2_500
"""How many records the first set has, before anything is known of what a record costs."""

GROWTH = 4
"""How much larger the next set may be: few small sets on the way to large ones, each of which writes its accounts."""

CLOSE_SECONDS = 10.0
"""How long a revocation waits for the transaction under way."""


class Processor(Protocol):
    """The part that differs between agents. It is only ever called by its pipeline, in order."""

    def apply(self, records: Sequence[RawRecord], position: int) -> Writes:
        """Apply records; ``position`` is the input position after them. No I/O."""
        ...

    @property
    def has_work(self) -> bool:
        """Whether :meth:`work` has something to do that does not wait for records."""
        ...

    def work(self, position: int) -> Writes | None:
        """Something to write without new records, None if there is nothing."""
        ...

    def committed(self, written: dict[TP, int]) -> None:
        """The last writes are committed; ``written``: the last offset by topic partition."""
        ...


class Observer(Protocol):
    """Who wants to know of transactions: the metrics."""

    def on_commit(self, tp: TP, records: int, seconds: float, skipped: int) -> None:
        """A transaction of so many records took so many seconds; so many were fetched in vain before it."""
        ...

    def on_revoked(self, tp: TP) -> None:
        """The partition is no longer ours."""
        ...


def next_room(room: int, records: int, seconds: float, most: int) -> int:
    """How many records the next set may have, when so many took so many seconds: a multiple of ``room``, or after a
    set that took too long as many as would have taken ``APPLY_SECONDS``."""
    if seconds > APPLY_SECONDS:
        return max(1, int(records * APPLY_SECONDS / seconds))
    # A small set says little about what a large one would take.
    return min(most, GROWTH * room) if GROWTH * records >= room else room


class Pipeline:
    """Runs until it is closed or fails; a failure is the caller's to handle (see ``manager``).

    ``committed_position``: of the input; ``turns``: transactions committed.
    """

    def __init__(
        self,
        inbox: Inbox,
        processor: Processor,
        transactor: Transactor,
        group: str,
        max_records: int,
        observer: Observer,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.inbox = inbox
        self.processor = processor
        self.committed_position = inbox.position
        self.turns = 0
        self._transactor = transactor
        self._group = group
        self._max_records = max_records
        self._room = min(FIRST_RECORDS, max_records)
        self._observer = observer
        self._before = before
        self._committing = asyncio.Lock()
        self._closed = False

    async def run(self) -> None:
        """Apply record sets until closed, once what comes ``before`` is over."""
        if self._before is not None:
            await self._before()
        while not self._closed:
            await self._turn()

    async def _turn(self) -> None:
        inbox = self.inbox
        taken = await inbox.take(self._room, 0 if self.processor.has_work else IDLE_SECONDS)
        if self._closed:
            return
        if taken is not None and taken.records:
            writes: Writes | None = self._apply(taken.records)
        else:
            writes = self.processor.work(inbox.position)
            if writes is None and taken is None and inbox.position != self.committed_position:
                # Only control records since the last commit: let the lag show as nothing.
                writes = self.processor.apply((), inbox.position)
        if writes is not None:
            await self._commit(writes, len(taken.records) if taken else 0)

    def _apply(self, records: Sequence[RawRecord]) -> Writes:
        # Where a set is cut decides nothing, so the next one may be as large as this one's speed allows.
        began = perf_counter()
        writes = self.processor.apply(records, self.inbox.position)
        self._room = next_room(self._room, len(records), perf_counter() - began, self._max_records)
        return writes

    async def _commit(self, writes: Writes, records: int) -> None:
        began = perf_counter()
        async with self._committing:
            if self._closed:
                return
            position = self.inbox.position
            written = await self._transactor.commit(writes, self.inbox.tp, position, self._group)
            self.processor.committed(written)
            self.committed_position = position
            self.turns += 1
        skipped, self.inbox.skipped = self.inbox.skipped, 0
        self._observer.on_commit(self.inbox.tp, records, perf_counter() - began, skipped)

    async def close(self) -> None:
        """Let the transaction under way end, start no other, and drop what waits."""
        self._closed = True
        try:
            async with asyncio.timeout(CLOSE_SECONDS), self._committing:
                pass
        except TimeoutError:
            return  # its outcome is unknown: the next owner's initialisation decides it
