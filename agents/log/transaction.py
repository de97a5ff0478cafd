"""One transactional id per app, topic and partition: the fence against former owners (X1).

Initialising the id, when a partition is assigned, aborts what a former owner left open and makes
every later write of it fail; so no position and no high-water mark may be read before that.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from time import time
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from agents.log.producer import told_elsewhere, transactional_batch, transactional_producer
from agents.log.records import TP

logger = logging.getLogger(__name__)

STOP_SECONDS = 3.0
_NO_HEADERS: list[tuple[str, bytes]] = []


class Write(NamedTuple):
    """A record to write. ``value`` None is a tombstone."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


Writes = Mapping[TP, Iterable[Write]]


class Transactor:
    """Writes record sets' outcomes, each as one transaction. Raises aiokafka's errors as they come;
    after one, the outcome of the transaction is unknown and the transactor must be replaced.

    ``codecs``: topic → how it is compressed (a key of ``producer.CODECS``); not at all where it is not named."""

    def __init__(
        self, transactional_id: str, timeout_ms: int, codecs: Mapping[str, str] | None = None, **client: Any
    ) -> None:
        self._producer = transactional_producer(transactional_id, timeout_ms, **client)
        self._codecs = codecs or {}
        self.transactional_id = transactional_id

    async def start(self) -> None:
        """Fence former owners of the id."""
        await self._producer.start()

    async def stop(self) -> None:
        """Close the connections; an open transaction is left for the next owner to abort."""
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._producer.stop()
        except TimeoutError:
            # Without a broker it would wait for ever. What is left of it is fenced when the broker is back.
            logger.warning("%s: closed without a word to the broker, which is away", self.transactional_id)

    async def commit(
        self, writes: Writes, source: TP | None = None, position: int = 0, group: str = ""
    ) -> dict[TP, int]:
        """Write all, and the input position of ``source`` in ``group`` if given, or nothing.

        Returns the offset of the last record written to each partition.
        """
        producer = self._producer
        await producer.begin_transaction()
        sent = [
            (tp, count, told_elsewhere(await producer.send_batch(batch, tp.topic, partition=tp.partition)))
            for tp, records in writes.items()
            for batch, count in self._batches(records, self._codecs.get(tp.topic, "none"))
        ]
        if source is not None:
            await producer.send_offsets_to_transaction({TopicPartition(*source): position}, group)
        written = await asyncio.gather(*(future for _, _, future in sent))
        await producer.commit_transaction()
        return {
            tp: metadata.offset + count - 1 for (tp, count, _), metadata in zip(sent, written, strict=True)
        }

    def _batches(self, records: Iterable[Write], codec: str) -> Iterable[tuple[Any, int]]:
        batch, count, now = transactional_batch(codec), 0, int(time() * 1_000)
        for key, value, headers in records:
            listed = list(headers) if headers else _NO_HEADERS
            while batch.append(key=key, value=value, timestamp=now, headers=listed) is None:
                yield batch, count
                batch, count = transactional_batch(codec), 0
            count += 1
        if count:
            yield batch, count
