"""Reading a topic for people: no consumer group, so that looking never moves anybody's offsets."""

from collections.abc import AsyncIterator
from typing import Any, Final

import click
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.cli.errors import TOPIC_ADVICE, quiet
from agents.log.offsets import LogReader, settled_ends
from agents.log.records import TP
from agents.log.topics import admin, partition_counts
from agents.settings import Settings

_POLL: Final = 200  # milliseconds


async def partitions_of(settings: Settings, topic: str) -> list[TP]:
    """The partitions of a topic. Raises ``ClickException`` if there is no such topic, and the errors of
    aiokafka if there is no broker."""
    with quiet("aiokafka"):
        async with admin(settings) as client:
            known = topic in await client.list_topics()
            count = partition_counts(await client.describe_topics([topic])).get(topic, 0) if known else 0
    if not count:
        raise click.ClickException(f"there is no topic {topic} at {settings.kafka_bootstrap}; {TOPIC_ADVICE}")
    return [TP(topic, number) for number in range(count)]


async def read_all(settings: Settings, topic: str) -> AsyncIterator[Any]:
    """Every committed record up to the end as of now, partition after partition."""
    tps = await partitions_of(settings, topic)
    async with LogReader(settings) as log:
        begins, ends = await log.begins(tps), await settled_ends(settings, tps)
        for tp in tps:
            async for record_set in log.read(tp, begins[tp], ends[tp]):
                for record in record_set.records:
                    yield record


async def follow(
    settings: Settings, topic: str, *, from_beginning: bool, timeout: float | None
) -> AsyncIterator[Any]:
    """Committed records as they come; ends when none came for ``timeout`` seconds (None: never)."""
    tps = [TopicPartition(*tp) for tp in await partitions_of(settings, topic)]
    async with AIOKafkaConsumer(
        **settings.kafka_client(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    ) as consumer:
        consumer.assign(tps)
        await (consumer.seek_to_beginning(*tps) if from_beginning else consumer.seek_to_end(*tps))
        waited = 0.0
        while timeout is None or waited < timeout:
            fetched = await consumer.getmany(timeout_ms=_POLL)
            waited = 0.0 if fetched else waited + _POLL / 1000
            for records in fetched.values():
                for record in records:
                    yield record
