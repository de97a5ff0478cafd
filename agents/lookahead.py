"""What a log needs before anything of it is applied: a playbook (B4).

State that has none looks ahead in its partition for the first one, which holds from the beginning. As long as the log
holds none, the partition waits. The worker that ticks then gives it one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

from agents.broadcasting import broadcast
from agents.log.offsets import LogReader, settled_ends
from agents.log.records import TP
from agents.playbooks import load_playbook
from agents.settings import Settings
from schemas import topics
from schemas.broadcasts import PlaybookChange
from schemas.decode import RawRecord
from schemas.instant import from_datetime
from schemas.playbook import Playbook
from streams.journal.ahead import playbook_of
from streams.journal.standing import Standing

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.1
"""Between two looks at what has come to a log without a playbook."""


class FirstPlaybooks:
    """The looks ahead of one worker. ``book``: its own; ``state``: of the journal's partition 0, key → value."""

    def __init__(
        self, settings: Settings, book: Playbook, state: Callable[[], Mapping[bytes, bytes]] = dict
    ) -> None:
        self._settings = settings
        self._book = book
        self._state = state
        self._looks: set[_Look] = set()
        self._given: set[str] = set()
        self._giving = asyncio.Lock()
        self._has_said = False

    @property
    def waits_for(self) -> str | None:
        """What the partitions that wait need; None if none waits."""
        if lacking := {look.tp for look in self._looks if look.lacks_one}:
            return (
                f"a playbook in {_named(lacking)}: publish one with 'paytide playbook publish FILE', or run a "
                "worker that ticks (PAYTIDE_TICK_SECONDS above 0)"
            )
        looking = {look.tp for look in self._looks}
        return f"looking ahead for a playbook in {_named(looking)}" if looking else None

    async def find(self, tp: TP, start: int, foresee: Callable[[RawRecord], bool]) -> None:
        """Offer the records of a partition, from offset ``start`` on, until ``foresee`` says that one is the first
        playbook; give the log one, if it has none and that is this worker's to do."""
        # One for each assignment: a partition may be back before the look of the time before has ended.
        look = _Look(tp, start, foresee)
        self._looks.add(look)
        try:
            async with LogReader(self._settings) as log:
                try:
                    await self._until_found(look, log)
                finally:
                    self._looks.discard(look)  # the reader may take its time to stop
        finally:
            self._looks.discard(look)

    async def _until_found(self, look: "_Look", log: LogReader) -> None:
        tp = look.tp
        await log.partitions(tp.topic)  # without its metadata the first question takes a second
        while not await look.has_found(log, (await log.ends([tp]))[tp]):
            look.lacks_one = True
            if self._gives(tp):
                await self._give(look, log)
            await asyncio.sleep(POLL_SECONDS)

    def _gives(self, tp: TP) -> bool:
        # Who holds partition 0 of the journal ticks (J7), and holds that of the groups log too. Once is enough: one
        # that is refused would be so again.
        return bool(self._settings.tick_seconds) and tp.partition == 0 and tp.topic not in self._given

    async def _give(self, look: "_Look", log: LogReader) -> None:
        async with self._giving:
            ends = await settled_ends(self._settings, [look.tp])
            if await look.has_found(log, ends[look.tp]):
                return  # it came with that of the other log
            topic = look.tp.topic
            book = self._book if topic == topics.JOURNAL else await self._journals()
            try:
                await broadcast(self._settings, first_of(book))
            except (ProducerFenced, InvalidProducerEpoch):
                return  # somebody else broadcasts: perhaps a playbook
            self._given.add(topic)
            logger.warning("%s had no playbook; now %s holds", topic, _spoken_of(book))

    async def _journals(self) -> Playbook:
        # The groups log is younger than the journal, or was made anew: both are to have the same one. The state knows
        # what was refused, and what retention has deleted from the log.
        standing = Standing(self._state(), self._book, None)
        if standing.in_force.published:
            return standing.in_force.editions[-1].book
        async with LogReader(self._settings) as log:
            tp = (await log.partitions(topics.JOURNAL))[0]
            begins, ends = await log.begins([tp]), await log.ends([tp])
            async for record in _records(log, tp, begins[tp], ends[tp]):
                change = playbook_of(record)
                if change is not None:
                    standing.read(change, None)
        return standing.in_force.editions[-1].book

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
                *(_spoken_of(held), _spoken_of(self._book)),
            )
        return True


class _Look:
    """How far a partition has been looked through. ``lacks_one``: there is no playbook in it so far."""

    def __init__(self, tp: TP, start: int, foresee: Callable[[RawRecord], bool]) -> None:
        self.tp = tp
        self._position = start
        self._foresee = foresee
        self._has_found = False
        self.lacks_one = False

    async def has_found(self, log: LogReader, end: int) -> bool:
        """Whether the first playbook stands before offset ``end``."""
        if not self._has_found:
            async for record in _records(log, self.tp, self._position, end):
                if self._foresee(record):
                    self._has_found = True
                    break
            self._position = max(self._position, end)
        return self._has_found


async def _records(log: LogReader, tp: TP, start: int, end: int) -> AsyncIterator[RawRecord]:
    async for record_set in log.read(tp, start, end):
        for record in record_set.records:
            yield record


def first_of(book: Playbook) -> PlaybookChange:
    """The broadcast of a playbook for logs that have none."""
    return PlaybookChange.of(book, from_datetime(datetime.now(UTC)), first=True)


async def broadcast_first(settings: Settings) -> None:
    """Broadcast the playbook of the settings, for logs that have none."""
    await broadcast(settings, first_of(load_playbook(settings.playbook, settings.timezone)))


def _named(tps: set[TP]) -> str:
    numbers: dict[str, list[str]] = {}
    for tp in sorted(tps):
        numbers.setdefault(tp.topic, []).append(str(tp.partition))
    return "; ".join(f"{topic}, partitions {', '.join(found)}" for topic, found in numbers.items())


def _spoken_of(book: Playbook) -> str:
    return f"playbook {book.name}, version {book.version}"
