"""The clock: ticks to every partition, and never ahead of the events (J5, J7)."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from agents.cli.watching import read_all
from agents.embedded.local import LocalService
from schemas import topics
from schemas.instant import parse_instant

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

EPOCH = "1970-01-01T00:00:00Z"
EVENTS = 400


async def _produce(service: LocalService) -> None:
    async with AIOKafkaProducer(bootstrap_servers=service.kafka.bootstrap) as producer:
        for number in range(EVENTS):
            value = {
                "event_id": f"e{number}",
                "account_id": f"a{number % 17}",
                "customer_id": "c",
                "amount": 1,
                "currency": "CNY",
                "occurred_at": datetime.now(UTC).isoformat(),
                "direction": "out",
                "kind": "cash",
                "channel": "atm",
            }
            await producer.send_and_wait(topics.TRANSFERS, json.dumps(value).encode())
            await asyncio.sleep(0.01)


async def _journal(service: LocalService) -> dict[int, list[Any]]:
    partitions: dict[int, list[Any]] = {}
    async for record in read_all(service.settings, topics.JOURNAL):
        partitions.setdefault(record.partition, []).append(record)
    return partitions


async def _appended(service: LocalService) -> dict[bytes, int]:
    """Source header → when the record was appended to its type topic, milliseconds."""
    return {
        f"{record.topic},{record.partition},{record.offset}".encode(): record.timestamp
        async for record in read_all(service.settings, topics.TRANSFERS)
    }


def test_a_tick_stands_behind_every_event_that_was_appended_before_it(service: LocalService) -> None:
    service.start("worker", PAYTIDE_TICK_SECONDS="0.3")
    asyncio.run(_produce(service))
    service.wait_applied()
    asyncio.run(asyncio.sleep(1))
    assert service.stop("worker") == 0
    appended, partitions = asyncio.run(_appended(service)), asyncio.run(_journal(service))
    assert len(partitions) == 4, "every partition is ticked"
    for number, records in partitions.items():
        latest = 0
        for record in records:
            source = dict(record.headers).get("source")
            if source is None:
                latest = parse_instant(json.loads(record.value).get("instant", EPOCH)) // 1_000
            else:
                assert appended[source] >= latest, f"partition {number}: a tick overtook {source!r}"
        assert latest > 0, f"partition {number} has no tick"
    routed = sum("source" in dict(record.headers) for records in partitions.values() for record in records)
    assert routed == EVENTS
