"""Records into topics, as fast as the broker takes them."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer

from agents.log.partitioner import partition_of
from agents.settings import Settings
from schemas import topics
from schemas.events import Tick
from schemas.instant import parse_instant
from streams.simulation.load import load
from tests.bench.stand import START

Posting = tuple[bytes, bytes]

BATCH_BYTES: Final = 900_000
CREDIT: Final = b'{"type":"payroll_credit"'
TURNS_A_MONTH: Final = 21
EVENTS_PER_TICK: Final = 5_000


class Record(NamedTuple):
    """A record to write; without a key it goes to every partition."""

    topic: str
    key: bytes | None
    value: bytes


class _Occurred(msgspec.Struct):
    occurred_at: str


_OCCURRED: Final = msgspec.json.Decoder(_Occurred)


@asynccontextmanager
async def producer_of(settings: Settings, **more: Any) -> AsyncIterator[AIOKafkaProducer]:
    """A started producer of large batches."""
    producer = AIOKafkaProducer(
        **settings.kafka_client(), max_batch_size=BATCH_BYTES, max_request_size=4 * 1024 * 1024, **more
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def write(settings: Settings, records: Iterable[Record]) -> int:
    """Write records in order; returns how many, those to every partition counted once for each."""
    batches: dict[tuple[str, int], Any] = {}
    owner: dict[bytes, int] = {}
    written = 0
    async with producer_of(settings) as producer:
        for topic, key, value in records:
            if key is not None and key not in owner:
                owner[key] = partition_of(key, settings.partitions)
            for partition in range(settings.partitions) if key is None else (owner[key],):
                written += 1
                batch = batches.get((topic, partition))
                while batch is None or batch.append(key=key, value=value, timestamp=None) is None:
                    if batch is not None:
                        await producer.send_batch(batch, topic, partition=partition)
                    batch = batches[topic, partition] = producer.create_batch()
        for (topic, partition), batch in batches.items():
            await producer.send_batch(batch, topic, partition=partition)
        await producer.flush()
    return written


def instant_of(posting: Posting) -> int:
    """When a posting occurred, microseconds."""
    return parse_instant(_OCCURRED.decode(posting[1]).occurred_at)


def tick(instant: int) -> Record:
    """A tick to every partition of the journal."""
    return Record(topics.JOURNAL, None, Tick(instant=instant).model_dump_json().encode())


def to_journal(postings: Iterable[Posting], per_tick: int = EVENTS_PER_TICK) -> Iterator[Record]:
    """Postings for the journal, and after each ``per_tick`` of them a tick, as a clock would write it."""
    for number, posting in enumerate(postings, 1):
        yield Record(topics.JOURNAL, *posting)
        if number % per_tick == 0:
            yield tick(instant_of(posting))


def to_type_topics(postings: Iterable[Posting]) -> Iterator[Record]:
    """Postings for the type topics."""
    for key, value in postings:
        topic = topics.PAYROLL_CREDITS if value.startswith(CREDIT) else topics.TRANSFERS
        yield Record(topic, key, value)


def paid_and_used(accounts: int) -> Iterator[Posting]:
    """One month in which each account gets its pay and has the posting after it, and no other: the
    least that puts an account with an open cycle into the table."""
    paid: set[bytes] = set()
    for key, value in load(accounts, TURNS_A_MONTH * accounts, seed=2, start=START):
        if value.startswith(CREDIT):
            paid.add(key)
            yield key, value
        elif key in paid:
            paid.remove(key)
            yield key, value


def pays(accounts: int, months: int) -> Iterator[Posting]:
    """Nothing but the pay of each account, month after month."""
    for posting in load(accounts, TURNS_A_MONTH * accounts * months, seed=3, start=START):
        if posting[1].startswith(CREDIT):
            yield posting
