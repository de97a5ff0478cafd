"""aiokafka's producer, set up for many short transactions, and for a broker that is away.

What it changes, and why (each seen):

- short waits between tries: a transaction that begins while the one before is still being marked as
  committed is refused, and now and then a batch of one under way;
- a long wait when there is no broker: every try then asks for the cluster's metadata, at once again;
- what fails is told once, to whoever commits: aiokafka sets the same exception on futures and tasks that nobody
  awaits any more, and the collector would log each as "never retrieved", with a traceback, whenever it comes by;
- a commit that meets the fence of a new owner under way: a broker then answers with an unexpected error of its own
  (seen: "transition to PREPARE_COMMIT while it already a pending state PREPARE_EPOCH_FENCE"), and only to the next
  try that we are fenced.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from time import monotonic
from typing import Any, Final, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import NotEnoughReplicasError, UnknownError, for_code
from aiokafka.producer import message_accumulator, sender, transaction_manager
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch as Codecs

BATCH_BYTES = 900_000
REQUEST_BYTES = 8 * 1024 * 1024
RETRY_MS = 5
AWAY_SECONDS = 0.5
MANY_REFUSALS = 30
END_AGAIN_SECONDS = 0.05
MOST_ENDS = 5
"""How often a transaction is ended anew where the broker fails at it."""
Awaited = TypeVar("Awaited", bound="asyncio.Future[Any]")

CODECS: Final = {
    "none": 0,
    "gzip": Codecs.CODEC_GZIP,
    "snappy": Codecs.CODEC_SNAPPY,
    "lz4": Codecs.CODEC_LZ4,
    "zstd": Codecs.CODEC_ZSTD,
}

sender.BACKOFF_OVERRIDE = RETRY_MS / 1_000  # its 20 ms were the time of one transaction in fourteen


def told_elsewhere(future: Awaited) -> Awaited:
    """The same future or task, whose exception need not be retrieved from it."""
    future.add_done_callback(_retrieve)
    return future


def _retrieve(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()


def _create_future() -> asyncio.Future[Any]:
    return told_elsewhere(asyncio.get_running_loop().create_future())


def _create_task(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return told_elsewhere(asyncio.get_running_loop().create_task(work))


class PatientEnd(sender.EndTxnHandler):
    """The end of a transaction, tried again where the broker fails at it: to end it twice is harmless, and whoever
    has been fenced is told so in the end."""

    def handle_response(self, response: Any) -> float | None:
        """Seconds after which to try again, None if it is done. Raises aiokafka's errors."""
        failures = getattr(self._sender, "failed_ends", 0)
        if for_code(response.error_code) is UnknownError and failures < MOST_ENDS:
            self._sender.failed_ends = failures + 1
            return END_AGAIN_SECONDS
        self._sender.failed_ends = 0
        again: float | None = super().handle_response(response)
        return again


message_accumulator.create_future = _create_future
sender.EndTxnHandler = PatientEnd
transaction_manager.create_future = _create_future
sender.create_task = _create_task


def transactional_batch(codec: str) -> BatchBuilder:
    """An empty batch. aiokafka's own way knows one codec a producer; here each topic has its own."""
    return BatchBuilder(BATCH_BYTES, CODECS[codec], is_transactional=True)


def transactional_producer(transactional_id: str, timeout_ms: int, **client: Any) -> AIOKafkaProducer:
    """A producer, not started. ``timeout_ms``: after which the broker aborts an open transaction."""
    producer = AIOKafkaProducer(
        transactional_id=transactional_id,
        transaction_timeout_ms=timeout_ms,
        max_batch_size=BATCH_BYTES,
        max_request_size=REQUEST_BYTES,
        linger_ms=0,
        retry_backoff_ms=RETRY_MS,
        **client,
    )
    producer.client._metadata_update = _patient(producer.client._metadata_update)
    return producer


def _patient(update: Callable[..., Awaitable[bool]]) -> Callable[..., Awaitable[bool]]:
    """Otherwise a good part of a core would go into connections that are refused."""

    async def updated(*args: Any) -> bool:
        done = await update(*args)
        if not done:
            await asyncio.sleep(AWAY_SECONDS)
        return done

    return updated


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
