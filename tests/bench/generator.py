"""A process that writes load into the journal at a steady rate, with marked transfers in between.

When it is done it writes one JSON object to standard output: when each marked transfer was appended
(the broker's timestamp, milliseconds), and how many events a second it managed.
"""

import asyncio
import json
import os
import sys
from itertools import islice
from time import monotonic
from typing import Any, Final

import uvloop

from agents.log.partitioner import partition_of
from agents.settings import Settings
from schemas import topics
from streams.simulation.load import load
from tests.bench import probes
from tests.bench.filling import EVENTS_PER_TICK, Posting, instant_of, producer_of, tick
from tests.bench.stand import START

STEP_SECONDS: Final = 0.02
AHEAD: Final = 50
"""How many steps before its transfer a marked account is paid."""


class Generator:
    """Writes step after step; a step that comes too late is made up for."""

    def __init__(self, producer: Any, partitions: int, rate: int, seconds: float, accounts: int) -> None:
        self.appended: dict[str, asyncio.Future[Any]] = {}
        self._producer = producer
        self._partitions = partitions
        self._steps = int(seconds / STEP_SECONDS)
        self._a_step = int(rate * STEP_SECONDS)
        self._load = load(accounts, self._steps * self._a_step, seed=5, start=START)

    async def run(self) -> float:
        """All of it; returns events a second."""
        began = monotonic()
        since_tick = 0
        for step in range(self._steps):
            postings = list(islice(self._load, self._a_step))
            instant = instant_of(postings[-1])
            for posting in postings:
                await self._send(posting)
            await self._send(probes.credit(step, instant))
            if step >= AHEAD:
                number = step - AHEAD
                sent = await self._send(probes.transfer(number, instant))
                self.appended[f"{probes.MARK}{number}"] = sent
            since_tick += self._a_step
            if since_tick >= EVENTS_PER_TICK:
                since_tick = 0
                await self._tick(instant)
            await asyncio.sleep(max(0.0, began + (step + 1) * STEP_SECONDS - monotonic()))
        await self._producer.flush()
        return self._steps * self._a_step / (monotonic() - began)

    async def _send(self, posting: Posting) -> asyncio.Future[Any]:
        key, value = posting
        partition = partition_of(key, self._partitions)
        sent: asyncio.Future[Any] = await self._producer.send(
            topics.JOURNAL, value, key=key, partition=partition
        )
        return sent

    async def _tick(self, instant: int) -> None:
        for partition in range(self._partitions):
            await self._producer.send(topics.JOURNAL, tick(instant).value, partition=partition)


async def main(rate: int, seconds: float, accounts: int) -> None:
    """Write, and report."""
    settings = Settings()
    async with producer_of(settings) as producer:
        generator = Generator(producer, settings.partitions, rate, seconds, accounts)
        managed = await generator.run()
        appended = {name: (await sent).timestamp for name, sent in generator.appended.items()}
    json.dump({"rate": managed, "appended": appended}, sys.stdout)


if __name__ == "__main__":
    uvloop.install()
    env = os.environ
    asyncio.run(main(int(env["BENCH_RATE"]), float(env["BENCH_SECONDS"]), int(env["BENCH_ACCOUNTS"])))
