"""What a detector needs before it applies anything: a playbook from the journal (B4).

State that has none looks ahead in its partition for the first one, which holds from the beginning. As long as the log
holds none, the partition waits; the worker that ticks then broadcasts its own.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from agents.broadcasting import broadcast
from agents.log.offsets import LogReader
from agents.log.records import TP
from agents.settings import Settings
from schemas import topics
from schemas.broadcasts import PlaybookChange
from schemas.instant import from_datetime
from schemas.playbook import Playbook
from streams.journal.ahead import playbook_of

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.1
"""Between two looks at what has come to a log without a playbook."""


class FirstPlaybooks:
    """The looks ahead of one worker. ``book``: its own. ``has_provided``: whether it has broadcast that."""

    def __init__(self, settings: Settings, book: Playbook) -> None:
        self._settings = settings
        self._book = book
        self._looking: set[int] = set()
        self._lacking: set[int] = set()
        self.has_provided = False
        self._has_said = False

    @property
    def waits_for(self) -> str | None:
        """What the partitions that wait need; None if none waits."""
        if not self._looking:
            return None
        numbers = ", ".join(map(str, sorted(self._looking)))
        return (
            f"a playbook in {topics.JOURNAL}, partitions {numbers}: publish one with 'paytide playbook publish FILE', "
            "or run a worker that ticks (PAYTIDE_TICK_SECONDS above 0)"
        )

    async def find(self, tp: TP, start: int, take: Callable[[PlaybookChange], bool]) -> None:
        """Offer the playbooks of a partition, from offset ``start`` on, until ``take`` says that one holds."""
        self._looking.add(tp.partition)
        try:
            async with LogReader(self._settings) as log:
                await log.partitions(tp.topic)
                while not await self._find_before(log, tp, start, end := (await log.ends([tp]))[tp], take):
                    start = max(start, end)
                    self._lacking.add(tp.partition)
                    await asyncio.sleep(POLL_SECONDS)
        finally:
            self._looking.discard(tp.partition)
            self._lacking.discard(tp.partition)

    async def _find_before(
        self, log: LogReader, tp: TP, start: int, end: int, take: Callable[[PlaybookChange], bool]
    ) -> bool:
        async for record_set in log.read(tp, start, end):
            for record in record_set.records:
                change = playbook_of(record)
                if change is not None and take(change):
                    return True
        return False

    async def provide(self) -> None:
        """Broadcast the worker's own playbook, once, if a partition here has none. One worker at a time may do so."""
        if not self._lacking or self.has_provided:
            return
        await broadcast(self._settings, first_of(self._book))
        self.has_provided = True
        logger.warning("the journal had no playbook; now %s holds", named(self._book))

    def differs(self, held: Playbook) -> bool:
        """Whether the worker was given another playbook than the log holds; it is said once."""
        settings = self._settings
        is_given = settings.playbook is not None or settings.timezone is not None
        if not is_given or held == self._book:
            return False
        if not self._has_said:
            self._has_said = True
            logger.warning(
                "the journal holds %s, which decides; this worker's own, %s, decides nothing. If it shall hold: "
                "paytide playbook publish FILE --from INSTANT",
                *(named(held), named(self._book)),
            )
        return True


def first_of(book: Playbook) -> PlaybookChange:
    """The broadcast of a playbook for logs that have none."""
    return PlaybookChange.of(book, from_datetime(datetime.now(UTC)), first=True)


def named(book: Playbook) -> str:
    """A playbook as it is spoken of."""
    return f"playbook {book.name}, version {book.version}"
