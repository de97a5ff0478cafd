"""The producer: a payroll population into the type topics, with ticks, through whatever happens."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice

from aiokafka.errors import KafkaError

from agents.ingest import Ingest
from agents.settings import Settings
from streams.journal.eventsfile import Line

TRIES = 200


async def produce(
    settings: Settings,
    lines: Iterator[Line],
    chunk: int,
    pace: Callable[[int], float],
) -> int:
    """Write all lines, ``chunk`` at a time, a tick after each; a chunk that meets a fault is written
    again (its events are then duplicates, as a producer's retry makes them). ``pace(written)``:
    seconds to wait before the next chunk. Returns how many lines were written, retries apart."""
    written = 0
    while batch := list(islice(lines, chunk)):
        for tries_left in reversed(range(TRIES)):
            try:
                await _write(settings, batch)
                break
            except (KafkaError, TimeoutError, OSError):
                if not tries_left:
                    raise
                await asyncio.sleep(1)
        written += len(batch)
        await asyncio.sleep(pace(written))
    return written


async def _write(settings: Settings, batch: list[Line]) -> None:
    async with asyncio.timeout(90), Ingest(settings, lines_per_tick=10**9, own_ticks=False) as ingest:
        for line in batch:
            await ingest.write(line)
        await ingest.tick_now()
