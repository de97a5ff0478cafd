"""What a log lost before its first reader came is said and counted, never passed over."""

import logging
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin.records_to_delete import RecordsToDelete

from agents.detector import JournalSource
from agents.log.offsets import LogReader, start_positions, tell_missed
from agents.log.records import TP, LogGapError
from agents.log.topics import admin
from agents.log.transaction import Transactor
from agents.lookahead import FirstPlaybooks
from agents.ops.metrics import Metrics
from agents.settings import Settings
from tests.streams.builders import SHIPPED

NewTopic = Callable[..., Awaitable[str]]


async def topic_that_begins_at(settings: Settings, name: str, begin: int) -> TP:
    """A topic of ``begin`` + 1 records, of which the first are deleted, as retention does."""
    async with AIOKafkaProducer(**settings.kafka_client()) as producer:
        for _ in range(begin + 1):
            await producer.send_and_wait(name, b"v", partition=0)
    if begin:
        async with admin(settings) as client:
            await client.delete_records({TopicPartition(name, 0): RecordsToDelete(before_offset=begin)})
    return TP(name, 0)


async def start(settings: Settings, tp: TP, missed: Any) -> int:
    async with admin(settings) as client, LogReader(settings) as log:
        await log.partitions(tp.topic)
        return (await start_positions(client, log, settings.app_id, [tp], missed))[tp]


async def commit(settings: Settings, tp: TP, position: int) -> None:
    ours = Transactor(f"{settings.app_id}-t", 60_000, **settings.kafka_client())
    await ours.start()
    await ours.commit({}, tp, position, settings.app_id)
    await ours.stop()
    # A committed offset is seen once its transaction is marked; who takes the id over waits for that.
    heir = Transactor(f"{settings.app_id}-t", 60_000, **settings.kafka_client())
    await heir.start()
    await heir.stop()


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_a_log_that_begins_behind_zero_and_was_never_read_is_said_and_counted(
    broker_settings: Settings, new_topic: NewTopic, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = Metrics()
    tp = await topic_that_begins_at(broker_settings, await new_topic(), 5)
    with caplog.at_level(logging.WARNING):
        assert await start(broker_settings, tp, metrics.on_missed) == 5
    counted = metrics.registry.get_sample_value("paytide_records_missed_total", {"topic": tp.topic})
    assert counted == 5
    assert f"{tp.topic}-0 begins at 5, and {broker_settings.app_id} has never read it" in caplog.text


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_nothing_is_said_of_a_log_from_its_beginning_nor_of_a_group_that_goes_on(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    told: list[tuple[TP, int]] = []
    whole = await topic_that_begins_at(broker_settings, await new_topic(), 0)
    assert await start(broker_settings, whole, lambda *one: told.append(one)) == 0
    cut = await topic_that_begins_at(broker_settings, await new_topic(), 5)
    await commit(broker_settings, cut, 6)
    assert await start(broker_settings, cut, lambda *one: told.append(one)) == 6
    assert told == []


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_a_position_before_the_logs_beginning_stops(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    tp = await topic_that_begins_at(broker_settings, await new_topic(), 5)
    await commit(broker_settings, tp, 3)
    with pytest.raises(
        LogGapError, match=f"{tp.topic}-0 begins at 5, but {broker_settings.app_id} is only at 3"
    ):
        await start(broker_settings, tp, lambda *_: None)


def test_a_beginning_at_zero_is_no_loss() -> None:
    told: list[Any] = []
    tell_missed(TP("t", 0), 0, "g", lambda *one: told.append(one))
    assert told == []


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_a_journal_that_lost_its_beginning_before_it_was_first_read_is_counted(
    service_settings: Settings, new_topic: NewTopic
) -> None:
    metrics, table = Metrics(), SimpleNamespace(row=lambda _partition: None, changelog="")
    playbooks = FirstPlaybooks(service_settings, SHIPPED.book)
    source = JournalSource(service_settings, table, lambda: SHIPPED, metrics, playbooks)  # type: ignore[arg-type]
    tp = await topic_that_begins_at(service_settings, await new_topic(), 5)
    row, _ = await source.resume(tp, after_failure=False)
    assert row.position == 5
    assert metrics.registry.get_sample_value("paytide_records_missed_total", {"topic": tp.topic}) == 5
