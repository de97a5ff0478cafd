"""The groups log on a real broker: what comes of it is the pure fold's, whoever dies meanwhile (A2, A3, A4)."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from aiokafka import AIOKafkaProducer

from agents.cli.exporting import export_log
from agents.cli.watching import read_all
from agents.embedded.local import LocalService
from agents.load import fill_journal
from agents.log.offsets import committed
from agents.log.partitioner import partition_of
from agents.log.records import TP
from agents.log.topics import admin
from schemas import topics
from schemas.groups import GROUPS
from streams.journal.eventsfile import Line, parse_line
from tests.e2e.audit import assert_live_is_backtest
from tests.e2e.conftest import started
from tests.e2e.groups_audit import assert_groups_are_the_fold
from tests.streams.groups.builders import Record, closed, line, paid, watermark

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

PARTITIONS = 4
EMPLOYERS = 60
DAYS = 40
BEGIN = datetime(2026, 1, 5, 2, tzinfo=UTC)
SMALL = {
    "PAYTIDE_MAX_RECORDS": "60",
    "PAYTIDE_MAX_FETCH_BYTES": "40000",
    "PAYTIDE_KAFKA_SESSION_TIMEOUT": "6",
}


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    with started(tmp_path_factory.mktemp("groups")) as service:
        yield service


def told(partition: int) -> Iterator[Record]:
    """What a journal partition tells: its employers' paydays, one of them moved a day later, closes, watermarks."""
    for day in range(DAYS):
        at = BEGIN + timedelta(days=day, minutes=partition)
        payday = str(at.date())
        for number in range(EMPLOYERS):
            employer = f"e{number}"
            if number % 14 == day % 14:
                yield paid(at, payday, count=2 + number % 3, employer=employer, partition=partition)
            if number % 14 == (day - 1) % 14 and day and number % 5 == 0:
                before = str((at - timedelta(days=1)).date())
                yield paid(at, payday, was=before, employer=employer, partition=partition)
            if number % 14 == (day - 8) % 14 and day >= 8:
                old = str((at - timedelta(days=8)).date())
                yield closed(at, old, count=2, employer=employer, partition=partition)
        yield watermark(at + timedelta(hours=1), partition, PARTITIONS)


async def tell(service: LocalService) -> None:
    """Write it as four journal partitions would, with a broken record among the rest."""
    async with AIOKafkaProducer(**service.settings.kafka_client()) as producer:
        await producer.send(GROUPS, b"{", key=b"employer:e0", partition=0)
        for journal in range(PARTITIONS):
            for record in told(journal):
                value, key = json.dumps(record).encode(), line(record).key
                places = range(PARTITIONS) if key is None else [partition_of(key, PARTITIONS)]
                for place in places:
                    await producer.send(GROUPS, value, key=key, partition=place)
        await producer.flush()


async def until_in_the_middle(service: LocalService, beyond: int = 0, topic: str = GROUPS) -> int:
    """Wait until more of a log is committed than ``beyond``; returns how much."""
    tps = [TP(topic, number) for number in range(PARTITIONS)]
    async with admin(service.settings) as client, asyncio.timeout(120):
        while True:
            done = sum((await committed(client, service.settings.app_id, tps)).values())
            if done > beyond:
                return done
            service.check()
            await asyncio.sleep(0.01)


def test_kills_in_the_middle_of_a_backlog_and_a_take_over_change_nothing(service: LocalService) -> None:
    asyncio.run(tell(service))
    service.start("worker", "one", **SMALL)
    done = asyncio.run(until_in_the_middle(service))
    service.kill("one")
    service.start("worker", "one", **SMALL)
    service.start("worker", "two", **SMALL)
    done = asyncio.run(until_in_the_middle(service, done + 500))
    service.kill("two")  # its partitions, of both logs, run where the other answers are made
    service.wait_applied(200)
    outcome = assert_groups_are_the_fold(service)
    assert len(outcome.facts) > EMPLOYERS, "few paydays were decided upon: the test shows nothing"
    assert len(outcome.answers) > PARTITIONS * EMPLOYERS
    assert outcome.dead.total() == 1
    asyncio.run(_assert_the_export_is_the_log(service))
    service.start("worker", "two", **SMALL)  # and nothing is said again by who reads it all back
    service.stop("one")
    asyncio.run(tell(service))
    service.wait_applied(200)
    again = assert_groups_are_the_fold(service)
    assert again.facts == outcome.facts, "what came too late was decided upon"


def test_kills_in_the_middle_of_paydays_and_deadlines_tell_the_groups_the_same(service: LocalService) -> None:
    asyncio.run(fill_journal(service.settings, accounts=2_000, events=60_000, seed=7))
    service.start("worker", "one", **SMALL)
    done = asyncio.run(until_in_the_middle(service, topic=topics.JOURNAL))
    for beyond in (2_000, 15_000):
        service.kill("one")
        service.start("worker", "one", **SMALL)
        service.start("worker", "two", **SMALL)
        done = asyncio.run(until_in_the_middle(service, done + beyond, topics.JOURNAL))
        service.kill("two")
    service.wait_applied(200)
    result = assert_live_is_backtest(service)
    assert {one.counted_as for one in result.told} == {"paid", "closed", "watermark"}
    outcome = assert_groups_are_the_fold(service)
    assert outcome.dead == Counter(), "the detector told what the coordinator refuses"
    assert len(outcome.facts) > 40, "few paydays were decided upon: the test shows nothing"


async def _assert_the_export_is_the_log(service: LocalService) -> None:
    for topic in (GROUPS, topics.JOURNAL):
        file = BytesIO()
        records = [one async for one in read_all(service.settings, topic)]
        assert await export_log(service.settings, topic, file) == len(records)
        for text, record in zip(file.getvalue().splitlines(), records, strict=True):
            read = parse_line(text)
            assert isinstance(read, Line)
            assert (read.topic, read.key, read.value) == (topic, record.key, record.value)
            assert (read.partition, read.offset) == (record.partition, record.offset)
            assert tuple(read.headers) == record.headers, "whose it is, is lost"
