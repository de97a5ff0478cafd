"""Bad input over a real broker: one dead letter each, and everything around it is processed (O3, X5)."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer

from agents.embedded.local import LocalService
from agents.log.partitioner import partition_of
from agents.log.records import TP
from schemas import topics
from schemas.dead import Reason
from tests.e2e.audit import assert_live_is_backtest, seen
from tests.e2e.conftest import started

pytestmark = [pytest.mark.broker, pytest.mark.timeout(180)]

GOOD: dict[str, Any] = {
    "account_id": "a1",
    "customer_id": "c1",
    "amount": 500_000,
    "currency": "CNY",
    "occurred_at": "2026-01-05T10:00:00+08:00",
    "direction": "out",
    "kind": "transfer",
    "channel": "mobile",
}
CREDIT: dict[str, Any] = {
    "account_id": "a1",
    "customer_id": "c1",
    "employer_id": "e1",
    "payroll_source": "employed",
    "amount": 1_000_000,
    "currency": "CNY",
    "occurred_at": "2026-01-05T09:00:00+08:00",
}


ODD = (("type", None), ("traceparent", None), ("", b"\xff"), ("source", None))
"""Legal headers, of which none means anything."""


class Bad(NamedTuple):
    """A record and why it must be refused."""

    value: bytes | None
    reason: Reason
    key: bytes | None = b"a1"
    partition: int | None = None


def _transfer(event_id: str, **changes: Any) -> bytes:
    return json.dumps({**GOOD, "event_id": event_id, **changes}).encode()


OWN = partition_of(b"a1", 4)
ELSEWHERE = (partition_of(b"zz", 4) + 1) % 4
ANYWHERE = [
    Bad(_transfer("x1")[:-10], Reason.MALFORMED),
    Bad(b"\xff\xfe\x00", Reason.MALFORMED),
    Bad(b"", Reason.MALFORMED),
    Bad(b"[]", Reason.MALFORMED),
    Bad(None, Reason.NULL_VALUE),
    Bad(b"x" * 1_000_000, Reason.TOO_LARGE),
    Bad(b"x" * 5_000_000, Reason.TOO_LARGE),  # compressed, it is far below what any topic takes
    Bad(_transfer("x2", amount="5"), Reason.INVALID),
    Bad(_transfer("x3", amount=-5), Reason.INVALID),
    Bad(_transfer("x4", amount=0), Reason.INVALID),
    Bad(_transfer("x5", amount=10**40), Reason.INVALID),
    Bad(_transfer("x6", kind="bribe"), Reason.INVALID),
    Bad(_transfer("x7", occurred_at="2026-01-05T10:00:00"), Reason.INVALID),
    Bad(_transfer("x8"), Reason.KEY_MISMATCH, key=b"other"),
    Bad(_transfer("x9"), Reason.EMPTY_KEY, key=b""),
]
JOURNAL_ONLY = [
    Bad(_transfer("y1", type="transfer"), Reason.EMPTY_KEY, key=None, partition=OWN),
    Bad(_transfer("y2"), Reason.UNKNOWN_TYPE),
    Bad(_transfer("y3", type="unheard_of"), Reason.UNKNOWN_TYPE),
    Bad(_transfer("y4", type="transfer", account_id="zz"), Reason.WRONG_PARTITION, b"zz", ELSEWHERE),
    Bad(_transfer("y5", type="transfer", occurred_at="2999-01-01T00:00:00Z"), Reason.FUTURE_TIMESTAMP),
    Bad(_transfer("y6", type="transfer", currency="USD"), Reason.CURRENCY_MISMATCH),
    Bad(_transfer("y7", type="transfer", occurred_at="2026-01-01T00:00:00Z"), Reason.TOO_LATE),
]  # fmt: skip


async def _produce(service: LocalService) -> dict[TP, list[tuple[int, Bad]]]:
    """Good and bad records alternate; returns the bad ones by where they came to lie."""
    lie: dict[TP, list[tuple[int, Bad]]] = {}
    async with AIOKafkaProducer(
        bootstrap_servers=service.kafka.bootstrap, max_request_size=8_000_000, compression_type="zstd"
    ) as producer:
        good = 0

        async def send_good(topic: str, type_name: str | None) -> None:
            nonlocal good
            good += 1
            value = {**GOOD, "event_id": f"good-{good}", "amount": 1} | (
                {"type": type_name} if type_name else {}
            )
            await producer.send_and_wait(topic, json.dumps(value).encode(), key=b"a1")

        credit = {**CREDIT, "type": "payroll_credit", "event_id": "pay"}
        await producer.send_and_wait(topics.JOURNAL, json.dumps(credit).encode(), key=b"a1")
        tick = json.dumps({"type": "tick", "instant": "2026-01-05T12:00:00+08:00"}).encode()
        await producer.send_and_wait(topics.JOURNAL, tick, partition=OWN)
        for topic, bads in ((topics.TRANSFERS, ANYWHERE), (topics.JOURNAL, [*ANYWHERE, *JOURNAL_ONLY])):
            for bad in bads:
                at = OWN if bad.key in (None, b"", b"other") else bad.partition
                headers: list[tuple[str, bytes | None]] = [*ODD]
                if topic == topics.JOURNAL and bad in ANYWHERE:
                    headers.append(("type", b"transfer"))
                sent = await producer.send_and_wait(
                    topic, bad.value, key=bad.key, partition=at, headers=headers
                )
                lie.setdefault(TP(topic, sent.partition), []).append((sent.offset, bad))
                await send_good(topic, "transfer" if topic == topics.JOURNAL else None)
        alarm = {**GOOD, "type": "transfer", "event_id": "large"}
        await producer.send_and_wait(topics.JOURNAL, json.dumps(alarm).encode(), key=b"a1")
    return lie


class Applied(NamedTuple):
    """A service that has read everything, and where the bad records lie."""

    service: LocalService
    lie: dict[TP, list[tuple[int, Bad]]]


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    with started(tmp_path_factory.mktemp("bad-input")) as service:
        lie = asyncio.run(_produce(service))
        service.start("worker")
        service.wait_applied()
        yield Applied(service, lie)


def _header(record: Any, name: str) -> bytes:
    return dict(record.headers)[name]


def test_each_bad_record_is_one_dead_letter_with_its_bytes_its_place_and_a_reason(applied: Applied) -> None:
    letters = seen(applied.service).dead
    found = {
        (_header(one, "topic").decode(), int(_header(one, "partition")), int(_header(one, "offset"))): one
        for one in letters
    }
    expected = [(tp, offset, bad) for tp, bads in applied.lie.items() for offset, bad in bads]
    assert len(letters) == len(expected), "as many dead letters as bad records, no good one among them"
    for tp, offset, bad in expected:
        letter = found[tp.topic, tp.partition, offset]
        assert _header(letter, "reason") == bad.reason.value.encode(), f"{bad.value!r:.80} got another reason"
        assert letter.value == bad.value, "the original bytes"
        assert letter.key == bad.key, "the original key"


def test_what_lies_around_bad_records_is_applied_and_the_books_balance(applied: Applied) -> None:
    result = assert_live_is_backtest(applied.service)
    raised = [(task.version, [reason.rule for reason in task.reasons]) for task in result.tasks]
    assert raised == [(1, ["single_large", "cumulative_large"])], "the large transfer, both rules at once"
    assert {task.reasons[-1].event_id for task in result.tasks} == {"large"}
    assert result.books.balanced
