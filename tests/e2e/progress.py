"""Whether partitions of the journal go on: a record to each ten times a second, and what is committed of them."""

import asyncio
import itertools
from collections import defaultdict
from contextlib import suppress
from time import time
from typing import Self

from agents.log.offsets import committed
from agents.log.records import TP
from agents.log.topics import admin
from agents.settings import Settings
from schemas import topics
from tests.bench.filling import producer_of, tick

STEP_SECONDS = 0.1
LOOK_SECONDS = 0.05
LONG_PAST = 1_735_689_600_000_000
"""Microseconds: 2025-01-01."""


class Progress:
    """Writes and looks while it is open. ``moved``: when each partition's committed position moved."""

    def __init__(self, settings: Settings) -> None:
        self.moved: dict[int, list[float]] = defaultdict(list)
        self._settings = settings
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._look())]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        for task in self._tasks:
            if not task.cancel():
                task.result()  # it ended by itself: raises what it met
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def until_moved(self, partitions: set[int], since: float, seconds: float) -> float:
        """Wait until each has moved after ``since``; returns how many seconds after it the last one did.

        Raises ``TimeoutError`` naming those that stand."""
        until = time() + seconds
        while standing := {one for one in partitions if not self._after(one, since)}:
            if time() > until:
                raise TimeoutError(f"partitions {sorted(standing)} stand still for {seconds} s")
            await asyncio.sleep(LOOK_SECONDS)
        return max(self._after(one, since)[0] for one in partitions) - since

    def longest_pause(self, partition: int, since: float) -> float:
        """The most seconds between two moves of a partition after ``since``, until now."""
        points = [since, *self._after(partition, since), time()]
        return max(later - earlier for earlier, later in itertools.pairwise(points))

    def _after(self, partition: int, since: float) -> list[float]:
        return [at for at in self.moved[partition] if at > since]

    async def _write(self) -> None:
        # An instant long past: the clock ignores it, but it is a record to be committed.
        value = tick(LONG_PAST).value
        async with producer_of(self._settings) as producer:
            while True:
                for partition in range(self._settings.partitions):
                    await producer.send(topics.JOURNAL, value, partition=partition)
                await asyncio.sleep(STEP_SECONDS)

    async def _look(self) -> None:
        tps = [TP(topics.JOURNAL, partition) for partition in range(self._settings.partitions)]
        known: dict[TP, int] = {}
        async with admin(self._settings) as client:
            while True:
                found = await committed(client, self._settings.app_id, tps)
                for tp, position in found.items():
                    if position > known.get(tp, position):
                        self.moved[tp.partition].append(time())
                    known[tp] = position
                await asyncio.sleep(LOOK_SECONDS)
