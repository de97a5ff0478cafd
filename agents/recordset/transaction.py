"""One transactional id per app, topic and partition: the fence against former owners.

Initialising the id, when a partition is assigned, aborts what a former owner left open and makes
every later write of it fail; so no position and no high-water mark may be read before that.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from time import monotonic, time
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import NotEnoughReplicasError

from agents.recordset.records import TP

logger = logging.getLogger(__name__)

BATCH_BYTES = 900_000
RETRY_MS = 5
MANY_REFUSALS = 30
AWAY_SECONDS = 0.5
STOP_SECONDS = 3.0
REQUEST_BYTES = 8 * 1024 * 1024
_NO_HEADERS: list[tuple[str, bytes]] = []


class NoNews(logging.Filter):
    """Drops aiokafka's warning of a batch that the broker did not take at the first try, some dozen times a
    second, saying "not enough replicas" where it means "busy with this transaction". A partition that
    refuses again and again is told once a second: then replicas may be missing indeed."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._since = clock()
        self._refused: Counter[object] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is news."""
        if not isinstance(record.args, tuple) or NotEnoughReplicasError not in record.args:
            return True
        now = self._clock()
        if now - self._since >= 1.0:
            self._since = now
            self._refused.clear()
        self._refused[record.args[0]] += 1
        return self._refused[record.args[0]] == MANY_REFUSALS


def _patient(update: Callable[..., Awaitable[bool]]) -> Callable[..., Awaitable[bool]]:
    """Without a broker every try waits for the cluster's metadata, which aiokafka asks for again at once: with
    our short wait between tries a core would go into connections that are refused."""

    async def updated(*args: Any) -> bool:
        done = await update(*args)
        if not done:
            await asyncio.sleep(AWAY_SECONDS)
        return done

    return updated


class Write(NamedTuple):
    """A record to write. ``value`` None is a tombstone."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


Writes = Mapping[TP, Iterable[Write]]


class Transactor:
    """Writes record sets' outcomes, each as one transaction. Raises aiokafka's errors as they come;
    after one, the outcome of the transaction is unknown and the transactor must be replaced."""

    def __init__(self, transactional_id: str, timeout_ms: int, **client: Any) -> None:
        self._producer = AIOKafkaProducer(
            transactional_id=transactional_id,
            transaction_timeout_ms=timeout_ms,
            max_batch_size=BATCH_BYTES,
            max_request_size=REQUEST_BYTES,
            linger_ms=0,
            # The default of 100 ms would be the time of every transaction the broker is busy with (NoNews).
            retry_backoff_ms=RETRY_MS,
            **client,
        )
        self._producer.client._metadata_update = _patient(self._producer.client._metadata_update)
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
            (tp, count, await producer.send_batch(batch, tp.topic, partition=tp.partition))
            for tp, records in writes.items()
            for batch, count in self._batches(records)
        ]
        if source is not None:
            await producer.send_offsets_to_transaction({TopicPartition(*source): position}, group)
        written = await asyncio.gather(*(future for _, _, future in sent))
        await producer.commit_transaction()
        return {
            tp: metadata.offset + count - 1 for (tp, count, _), metadata in zip(sent, written, strict=True)
        }

    def _batches(self, records: Iterable[Write]) -> Iterable[tuple[Any, int]]:
        batch, count, now = self._producer.create_batch(), 0, int(time() * 1_000)
        for key, value, headers in records:
            listed = list(headers) if headers else _NO_HEADERS
            while batch.append(key=key, value=value, timestamp=now, headers=listed) is None:
                yield batch, count
                batch, count = self._producer.create_batch(), 0
            count += 1
        if count:
            yield batch, count
