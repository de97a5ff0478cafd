"""A broker that takes its time: what waits is bounded, whatever the records' size, and holds up no other partition."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from statistics import median
from time import monotonic
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agents.log.records import TP
from agents.recordset import manager as managers
from agents.recordset.consumer import Hooks, RecordSetConsumerThread
from agents.recordset.manager import Limits, Manager, Opened
from agents.recordset.pipeline import Pipeline
from agents.settings import Settings
from tests.agents.recordset.builders import FakeTransactor, ScriptedProcessor, Silent, until

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]

NewTopic = Callable[..., Awaitable[str]]

VALUE = bytes(64 * 1024)
FETCH_BYTES = 512 * 1024
MAX_BYTES = 1024 * 1024
A_TRANSACTION = 4
COMMIT_SECONDS = 0.02
FULL_SECONDS = 3.0
DELAY_SECONDS = 0.5
GO_ON_SECONDS = 4.0
"""To fetch six times as much as may wait; each time that a fetch waits in vain for others takes a second."""


class Source:
    """Opens a processor at the beginning of each partition."""

    changelog = None
    transaction_timeout_ms = 1_000

    def __init__(self, topic: str) -> None:
        self.topic = topic

    async def open(self, partition: int, *, after_failure: bool) -> Opened:
        return Opened(0, ScriptedProcessor())


class Quick(FakeTransactor):
    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass


class Slow(Quick):
    """A commit takes a moment, and as long as the gate is closed it does not end."""

    async def commit(self, *args: Any) -> dict[TP, int]:
        await asyncio.sleep(COMMIT_SECONDS)
        return await super().commit(*args)

    async def start(self) -> None:
        self.open_gate.clear()


@asynccontextmanager
async def running(settings: Settings, topic: str, slow: TP) -> AsyncIterator[Manager]:
    """A manager of a topic's two partitions, fed as Faust feeds it: one fetch after the other."""
    tps = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
    consumer = AIOKafkaConsumer(
        **settings.kafka_client(),
        enable_auto_commit=False,
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_wait_ms=10,
    )
    await consumer.start()
    consumer.assign(tps)

    async def seek(tp: TP, position: int) -> None:
        consumer.seek(TopicPartition(*tp), position)

    manager = Manager("app", {}, Limits(A_TRANSACTION, MAX_BYTES), Silent(), seek, mock.AsyncMock())
    manager.add(Source(topic))
    hooks = Hooks()
    hooks.is_full = manager.is_full
    thread: Any = object.__new__(RecordSetConsumerThread)
    thread.consumer = SimpleNamespace(flow_active=True, transport=SimpleNamespace(hooks=hooks))

    async def feed() -> None:
        while True:
            for sets in (await thread._fetch_records(consumer, set(tps), timeout=1.0)).values():
                for record_set in sets:
                    await manager.offer(record_set)

    def transactor(transactional_id: str, *_: Any, **__: Any) -> Any:
        return Slow() if transactional_id.endswith(f"{topic}-{slow.partition}") else Quick()

    with mock.patch.object(managers, "Transactor", transactor):
        await manager.on_assigned({TP(*tp) for tp in tps})
        feeding = asyncio.create_task(feed())
        try:
            yield manager
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            await consumer.stop()
            with mock.patch("agents.recordset.pipeline.CLOSE_SECONDS", 0.0):
                await manager.stop()


async def committed(pipeline: Pipeline, offset: int) -> None:
    await until(lambda: pipeline.committed_position > offset, f"{pipeline.inbox.tp} stands still", 10)


def value_bytes(manager: Manager, tp: TP) -> int:
    """What waits for a partition, counted by its values."""
    sets = manager.pipelines[tp].inbox._sets
    return sum(len(record.value or b"") for one in sets for record in one.records)


async def test_a_partition_whose_commits_hang_holds_a_bounded_number_of_bytes_and_holds_up_no_other(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    topic = await new_topic(partitions=2)
    slow, quick = TP(topic, 0), TP(topic, 1)
    delays: list[float] = []
    async with AIOKafkaProducer(**broker_settings.kafka_client()) as producer:
        for _ in range(200):
            await producer.send(topic, VALUE, partition=slow.partition)
        await producer.flush()
        async with running(broker_settings, topic, slow) as manager:
            end, waiting = monotonic() + FULL_SECONDS, 0
            while monotonic() < end:
                sent = await producer.send_and_wait(topic, b"small", partition=quick.partition)
                at = monotonic()
                await committed(manager.pipelines[quick], sent.offset)
                delays.append(monotonic() - at)
                waiting = max(waiting, value_bytes(manager, slow))
            assert manager.is_full(slow), f"{waiting} bytes wait: too few to test anything"
    assert waiting < MAX_BYTES + FETCH_BYTES, f"{waiting} bytes wait although {MAX_BYTES} are too many"
    # The middle one: a busy machine holds up one or the other, a full partition each.
    assert median(delays) < DELAY_SECONDS, f"a full partition held up another for {median(delays):.2f} s"


async def test_a_partition_that_was_full_goes_on_at_once_and_without_a_gap(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    topic = await new_topic(partitions=2)
    slow = TP(topic, 0)
    async with AIOKafkaProducer(**broker_settings.kafka_client()) as producer:
        for _ in range(100):
            await producer.send(topic, VALUE, partition=slow.partition)
        await producer.flush()
        async with running(broker_settings, topic, slow) as manager:
            pipeline: Any = manager.pipelines[slow]
            await until(lambda: manager.is_full(slow), "it never is full", 10)
            pipeline._transactor.open_gate.set()
            at = monotonic()
            await committed(pipeline, 99)
            took = monotonic() - at
            offsets = [offset for applied, _ in pipeline.processor.applied for offset in applied]
    assert took < GO_ON_SECONDS, (
        f"{took:.1f} s for what was there all the time: who was full is looked at too late"
    )
    assert offsets == list(range(100)), "lost, doubled or out of order"
