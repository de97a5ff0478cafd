"""Broadcasts: one record in every partition of both logs, in one transaction (A5, B1)."""

from collections.abc import Sequence
from typing import Final, Self

from pydantic import BaseModel

from agents.log.offsets import LogReader
from agents.log.records import TP
from agents.log.transaction import Transactor, Write
from agents.settings import Settings
from schemas import topics
from schemas.groups import GROUPS

LOGS: Final = (topics.JOURNAL, GROUPS)
"""The logs that a broadcast goes to."""
SECONDS: Final = 30


async def broadcast(settings: Settings, word: BaseModel) -> int:
    """Write one word to every partition of the logs; returns to how many."""
    async with Broadcaster(settings, "broadcast") as broadcaster:
        return await broadcaster.send(word)


class Broadcaster:
    """Writes records without a key to every partition of some logs. One at a time in a cluster: a new one fences
    the one before. ``role`` tells those apart that may write at the same time."""

    def __init__(self, settings: Settings, role: str, logs: Sequence[str] = LOGS) -> None:
        self._settings = settings
        self._logs = logs
        self._transactor = Transactor(f"{settings.app_id}-{role}", SECONDS * 1_000, **settings.kafka_client())
        self._partitions: list[TP] = []

    async def __aenter__(self) -> Self:
        await self._transactor.start()
        async with LogReader(self._settings) as log:
            self._partitions = [tp for topic in self._logs for tp in await log.partitions(topic)]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._transactor.stop()

    async def send(self, word: BaseModel) -> int:
        """Write one word everywhere; returns to how many partitions."""
        value = word.model_dump_json().encode()
        await self._transactor.commit({tp: [Write(None, value)] for tp in self._partitions})
        return len(self._partitions)
