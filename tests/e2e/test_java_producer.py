"""What the teams of a core banking system really send: Java's four codecs, null headers, timestamps in seconds."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import time
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic

from agents.cli.watching import read_all
from agents.clickhouse import migrate
from agents.clickhouse.client import connect
from agents.embedded.local import LocalService
from agents.log.topics import admin, changelog_topic, wanted_topics
from schemas import topics
from tests.e2e.audit import assert_live_is_backtest, seen
from tests.e2e.javaproducer import Sent, produce

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]

CODECS = ("gzip", "snappy", "lz4", "zstd")
TRACE = (("traceparent", None), ("x-origin", None), ("ce_id", "1"))
"""As tracing agents write them: legal, and null."""
ACCOUNTS = 20
SECONDS = 1_767_600_000
"""A timestamp that somebody took for milliseconds: to a broker that believes it, a record of January 1970."""


def credit(account: str, event_id: str) -> dict[str, Any]:
    return {
        **{"event_id": event_id, "account_id": account, "customer_id": f"c-{account}", "currency": "CNY"},
        **{"employer_id": "e1", "payroll_source": "employed", "amount": 1_000_000},
        "occurred_at": "2026-01-05T09:00:00+08:00",
    }


def transfer(account: str, event_id: str) -> dict[str, Any]:
    return {
        **{"event_id": event_id, "account_id": account, "customer_id": f"c-{account}", "currency": "CNY"},
        **{"direction": "out", "kind": "transfer", "channel": "mobile", "amount": 600_000},
        "occurred_at": "2026-01-05T10:00:00+08:00",
    }


def accounts(name: str) -> list[str]:
    return [f"{name}-{number}" for number in range(ACCOUNTS)]


def java_waves(codec: str) -> list[tuple[str, list[Sent]]]:
    """(topic, records): credits by their type topic, and credits and transfers straight into the journal."""
    paid = [Sent(one, json.dumps(credit(one, f"pay-{one}")), TRACE) for one in accounts(codec)]
    straight = [
        Sent(one, json.dumps(event), (*TRACE, ("type", kind)))
        for one in accounts(f"journal-{codec}")
        for kind, event in (
            ("payroll_credit", credit(one, f"pay-{one}")),
            ("transfer", transfer(one, f"out-{one}")),
        )
    ]
    return [(topics.PAYROLL_CREDITS, paid), (topics.JOURNAL, straight)]


async def send_in_seconds(bootstrap: str, codec: str) -> None:
    """Timestamps in seconds, which the console producer cannot be told to write: both by the type topics, both
    straight, and the transfers of the accounts whose credits came from Java."""
    headers = [(name, value and value.encode()) for name, value in TRACE]
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, compression_type=codec, linger_ms=20)
    async with producer:
        for one, java in zip(accounts(f"seconds-{codec}"), accounts(codec), strict=True):
            for topic, kind, event in (
                (topics.TRANSFERS, None, transfer(java, f"out-{java}")),
                (topics.PAYROLL_CREDITS, None, credit(one, f"pay-{one}")),
                (topics.TRANSFERS, None, transfer(one, f"out-{one}")),
                (topics.JOURNAL, "payroll_credit", credit(f"j-{one}", f"pay-j-{one}")),
                (topics.JOURNAL, "transfer", transfer(f"j-{one}", f"out-j-{one}")),
            ):
                await producer.send(
                    topic,
                    json.dumps(event).encode(),
                    key=event["account_id"].encode(),
                    timestamp_ms=SECONDS,
                    headers=[*headers, ("type", kind and kind.encode())],
                )


async def close_all(bootstrap: str) -> None:
    """A tick after the close of every cycle, to each partition."""
    value = json.dumps({"type": "tick", "instant": "2026-03-01T00:00:00Z"}).encode()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, compression_type="zstd") as producer:
        for number in range(4):
            await producer.send_and_wait(topics.JOURNAL, value, partition=number, headers=[("b3", None)])


async def make_compressing_topics(service: LocalService) -> None:
    """Topics that the broker stores compressed whatever comes: each codec is read back from one of them."""
    settings = service.settings
    wanted = wanted_topics(settings.app_id)
    stored = {
        changelog_topic(settings.app_id): "zstd",
        topics.FACTS: "lz4",
        topics.INTERVENTIONS: "snappy",
        topics.DEAD_LETTERS: "gzip",
    }
    async with admin(settings) as client:
        await client.create_topics(
            [
                NewTopic(
                    name, settings.partitions, 1, topic_configs={**wanted[name], "compression.type": codec}
                )
                for name, codec in stored.items()
            ]
        )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LocalService]:
    with LocalService(tmp_path) as service:
        service.kafka.start()
        asyncio.run(make_compressing_topics(service))
        service.start_broker()
        client = connect(service.settings.clickhouse_dsn)
        migrate.apply(client)
        client.close()
        yield service


def send(service: LocalService, codec: str) -> None:
    for topic, records in java_waves(codec):
        produce(service.kafka.bootstrap, topic, codec, records)
    asyncio.run(send_in_seconds(service.kafka.bootstrap, codec))


async def timestamps(service: LocalService, topic: str) -> list[int]:
    return [record.timestamp async for record in read_all(service.settings, topic)]


def test_every_codec_null_headers_and_timestamps_in_seconds_are_served_end_to_end(
    service: LocalService,
) -> None:
    began = int(time() * 1000) - 60_000  # the playbook was there before
    service.start("worker")
    service.start("landing")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda codec: send(service, codec), CODECS[:3]))
    service.wait_applied()
    service.kill("worker")
    service.start("worker")  # the state comes back from a changelog that is compressed
    send(service, CODECS[3])
    service.wait_applied()
    asyncio.run(close_all(service.kafka.bootstrap))
    service.wait_applied()
    service.wait_landed()

    result = assert_live_is_backtest(service)
    dead = [dict(one.headers)["reason"] for one in seen(service).dead]  # type: ignore[attr-defined]
    assert dead == [], "all of it is good input"
    everybody = 4 * len(CODECS) * ACCOUNTS
    assert result.books.applied == 2 * everybody + 4 + 4, "two postings of each account, ticks, playbooks"
    assert len({task.account_id for task in result.tasks}) == everybody, "one alert for each transfer"
    for topic in (*topics.TYPE_TOPICS, topics.JOURNAL):
        stamps = asyncio.run(timestamps(service, topic))
        assert all(stamp >= began for stamp in stamps), f"{topic} believes its producers: retention deletes"

    service.stop("landing")
    client = connect(service.settings.clickhouse_dsn)
    [[cycles]] = client.query("SELECT count() FROM account_cycle FINAL").result_rows
    client.close()
    assert cycles == everybody, "each cycle is closed and landed"
