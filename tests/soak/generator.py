"""A process that writes load into the journal at a steady rate for as long as it is told, in bounded memory.

For each marked transfer it writes a line to standard output: its event_id, and when it was appended (the
broker's timestamp, milliseconds). The last line is how many events a second it managed.
"""

import asyncio
import os
import sys
from datetime import date
from itertools import islice
from time import monotonic
from typing import Any, Final

import uvloop
from aiokafka.structs import RecordMetadata

from agents.log.partitioner import partition_of
from agents.settings import Settings
from schemas import topics
from streams.simulation.load import load
from tests.bench import probes
from tests.bench.filling import EVENTS_PER_TICK, Posting, instant_of, producer_of, tick

START: Final = date(2010, 1, 1)
"""The first day of the load. Its time runs ahead of ours, a month in 21 events of each account, and must not
reach the present: what lies in the future is refused."""
STEP_SECONDS: Final = 0.02
MARK_EVERY: Final = 5
AHEAD: Final = 10
"""How many marks before its transfer a marked account is paid."""
MONTHS_APART: Final = 4
"""After so many months a marked account is used again: its cycle has closed, and accounts stay bounded."""
POSTINGS_A_MONTH: Final = 21


def marked_accounts(rate: int, accounts: int) -> int:
    """How many accounts are marked in turn."""
    seconds = MONTHS_APART * POSTINGS_A_MONTH * accounts / rate
    return AHEAD + int(seconds / (MARK_EVERY * STEP_SECONDS)) + 1


class Generator:
    """Writes step after step; a step that comes too late is made up for."""

    def __init__(self, producer: Any, partitions: int, rate: int, seconds: float, accounts: int) -> None:
        self._producer = producer
        self._owner: dict[bytes, int] = {}
        self._partitions = partitions
        self._steps = int(seconds / STEP_SECONDS)
        self._a_step = int(rate * STEP_SECONDS)
        self._load = load(accounts, self._steps * self._a_step, seed=5, start=START)
        self._marked = marked_accounts(rate, accounts)

    async def run(self) -> float:
        """All of it; returns events a second."""
        began, since_tick = monotonic(), 0
        for step in range(self._steps):
            postings = list(islice(self._load, self._a_step))
            instant = instant_of(postings[-1])
            for posting in postings:
                await self._send(posting)
            if step % MARK_EVERY == 0:
                await self._mark(step // MARK_EVERY, instant)
            since_tick += self._a_step
            if since_tick >= EVENTS_PER_TICK:
                since_tick = 0
                await self._tick(instant)
            await asyncio.sleep(max(0.0, began + (step + 1) * STEP_SECONDS - monotonic()))
        await self._producer.flush()
        return self._steps * self._a_step / (monotonic() - began)

    async def _mark(self, number: int, instant: int) -> None:
        await self._send(probes.credit(number, instant, number % self._marked))
        if (number := number - AHEAD) >= 0:
            sent = await self._send(probes.transfer(number, instant, number % self._marked))
            sent.add_done_callback(lambda done: _report(number, done.result()))

    async def _send(self, posting: Posting) -> asyncio.Future[Any]:
        key, value = posting
        partition = self._owner.get(key)
        if partition is None:
            partition = self._owner[key] = partition_of(key, self._partitions)
        sent: asyncio.Future[Any] = await self._producer.send(
            topics.JOURNAL, value, key=key, partition=partition
        )
        return sent

    async def _tick(self, instant: int) -> None:
        for partition in range(self._partitions):
            await self._producer.send(topics.JOURNAL, tick(instant).value, partition=partition)


def _report(number: int, appended: RecordMetadata) -> None:
    print(f"{probes.MARK}{number} {appended.timestamp}", flush=True)


async def main(rate: int, seconds: float, accounts: int) -> None:
    """Write, and report."""
    settings = Settings()
    async with producer_of(settings, linger_ms=5) as producer:
        print(await Generator(producer, settings.partitions, rate, seconds, accounts).run())


if __name__ == "__main__":
    uvloop.install()
    env = os.environ
    try:
        asyncio.run(main(int(env["SOAK_RATE"]), float(env["SOAK_SECONDS"]), int(env["SOAK_ACCOUNTS"])))
    except BrokenPipeError:
        sys.exit(1)
