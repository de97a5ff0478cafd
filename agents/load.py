"""A journal full of load, for measuring: the fastest way in, with ticks as a clock would write them."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaProducer

from agents.log.partitioner import partition_of
from agents.settings import Settings
from schemas import topics
from schemas.events import Tick
from schemas.instant import parse_instant
from streams.simulation.load import load

BATCH_BYTES: Final = 900_000
EVENTS_PER_TICK: Final = 5_000


class _Occurred(msgspec.Struct):
    occurred_at: str


async def fill_journal(
    settings: Settings, accounts: int, events: int, seed: int, start: date = date(2026, 1, 1)
) -> int:
    """Write ``events`` postings of ``accounts`` accounts straight into the journal, and a tick to every
    partition after each 5 000, from ``start`` on; returns how many records that was."""
    producer = AIOKafkaProducer(
        **settings.kafka_client(), max_batch_size=BATCH_BYTES, max_request_size=4 * 1024 * 1024
    )
    await producer.start()
    try:
        return await _fill(producer, load(accounts, events, seed, start))
    finally:
        await producer.stop()


async def _fill(producer: AIOKafkaProducer, postings: Iterable[tuple[bytes, bytes]]) -> int:
    count = len(await producer.partitions_for(topics.JOURNAL))
    owner: dict[bytes, int] = {}
    batches: dict[int, Any] = {}
    occurred = msgspec.json.Decoder(_Occurred)
    records = 0

    async def append(partition: int, key: bytes | None, value: bytes) -> None:
        nonlocal records
        records += 1
        batch = batches.get(partition)
        while batch is None or batch.append(key=key, value=value, timestamp=None) is None:
            if batch is not None:
                await producer.send_batch(batch, topics.JOURNAL, partition=partition)
            batch = batches[partition] = producer.create_batch()

    for number, (key, value) in enumerate(postings, 1):
        if key not in owner:
            owner[key] = partition_of(key, count)
        await append(owner[key], key, value)
        if number % EVENTS_PER_TICK == 0:
            instant = parse_instant(occurred.decode(value).occurred_at)
            tick = Tick(instant=instant).model_dump_json().encode()
            for partition in range(count):
                await append(partition, None, tick)
    for partition, batch in batches.items():
        await producer.send_batch(batch, topics.JOURNAL, partition=partition)
    await producer.flush()
    return records
