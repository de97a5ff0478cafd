"""The clock: ticks to every partition of the journal, from one leader (J5, J7).

Time must not overtake the events: a tick T is written only once the router has committed every
type-topic record that was appended before T was taken.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from aiokafka.errors import ProducerFenced

from agents.broadcasting import Broadcaster
from agents.errors import Retry
from agents.log.offsets import LogReader, committed
from agents.log.topics import admin
from agents.reactions import reaction_to
from agents.settings import Settings
from schemas import topics
from schemas.events import Tick
from schemas.instant import from_datetime

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.02
FAILURES = 10


class RouterBarrier:
    """Waits until everything now in the type topics is in the journal."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "RouterBarrier":
        self._client = await self._stack.enter_async_context(admin(self._settings))
        log = LogReader(self._settings, isolation_level="read_uncommitted")
        self._log = await self._stack.enter_async_context(log)
        self._tps = [tp for topic in topics.TYPE_TOPICS for tp in await self._log.partitions(topic)]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def wait(self, timeout: float) -> None:
        """Raises ``TimeoutError`` after ``timeout`` seconds: is a worker running?"""
        ends = {tp: end for tp, end in (await self._log.ends(self._tps)).items() if end}
        if not ends:
            return
        behind = dict(await self._log.begins(list(ends)))
        try:
            async with asyncio.timeout(timeout):
                while True:
                    behind |= await committed(self._client, self._settings.app_id, ends)
                    behind = {tp: position for tp, position in behind.items() if position < ends[tp]}
                    if not behind:
                        return
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            where = ", ".join(f"{tp.topic}-{tp.partition} at {at} of {ends[tp]}" for tp, at in behind.items())
            raise TimeoutError(
                f"nothing routed for {timeout:.0f} s beyond {where}: is a worker running?"
            ) from None


class TickWriter(Broadcaster):
    """Writes ticks, each to every partition of the journal in one transaction."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, "clock", (topics.JOURNAL,))

    async def tick(self, instant: int) -> None:
        """Write one tick (microseconds)."""
        await self.send(Tick(instant=instant))


class Clock:
    """Ticks every few seconds while ``is_leader`` says so."""

    def __init__(self, settings: Settings, is_leader: Callable[[], bool]) -> None:
        self._settings = settings
        self._is_leader = is_leader

    async def run(self) -> None:
        """Run until cancelled; raises what does not go away, at once or after some tries."""
        failures = 0
        while True:
            try:
                await self._lead()
                failures = 0
            except Exception as error:
                failures += 1
                if failures > FAILURES or not _may_pass(error):
                    raise
                logger.warning("the clock could not tick (%s of %s): %r", failures, FAILURES, error)
            await asyncio.sleep(self._settings.tick_seconds)

    async def _lead(self) -> None:
        if not self._is_leader():
            return
        async with RouterBarrier(self._settings) as barrier, TickWriter(self._settings) as writer:
            while self._is_leader():
                now = from_datetime(datetime.now(UTC))
                await barrier.wait(timeout=60)
                await writer.tick(now)
                await asyncio.sleep(self._settings.tick_seconds)


def _may_pass(error: Exception) -> bool:
    # Fenced: the clock of another worker ticks now, and whether ours still leads is asked anew.
    return isinstance(error, ProducerFenced) or reaction_to(error) is Retry
