"""Marked transfers: each is the one large transfer of an account of its own, so each gives a task."""

import asyncio
from contextlib import suppress
from time import time
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.log.offsets import LogReader
from agents.settings import Settings
from schemas import topics
from schemas.instant import SECOND, format_instant
from tests.bench.filling import Posting

PAY: Final = 1_000_000
MARK: Final = "probe-"
FETCH_WAIT_MS: Final = 5


class _Reason(msgspec.Struct):
    event_id: str


class _Task(msgspec.Struct):
    """As the service writes it, with every reason, or as the contestants of the bench task do, with one."""

    reasons: list[_Reason] = []
    reason: _Reason | None = None


_TASK: Final = msgspec.json.Decoder(_Task)


def credit(number: int, instant: int, account: int | None = None) -> Posting:
    """The pay of a marked account, by default one of its own; it must come before its transfer."""
    return _posting(
        number if account is None else account,
        {
            "type": "payroll_credit",
            "event_id": f"pay-{number}",
            "amount": PAY,
            "occurred_at": format_instant(instant),
            "employer_id": "probes",
            "payroll_source": "employed",
        },
    )


def transfer(number: int, instant: int, account: int | None = None) -> Posting:
    """The marked transfer; a task follows."""
    return _posting(
        number if account is None else account,
        {
            "type": "transfer",
            "event_id": f"{MARK}{number}",
            "amount": PAY // 2,
            "occurred_at": format_instant(instant + SECOND),
            "direction": "out",
            "kind": "transfer",
            "channel": "mobile",
        },
    )


def _posting(account_number: int, fields: dict[str, Any]) -> Posting:
    account = f"{MARK}{account_number}"
    own = {"account_id": account, "customer_id": account, "currency": "CNY", "balance_after": PAY}
    return account.encode(), msgspec.json.encode(fields | own)


class Reader:
    """Reads tasks as they come, committed ones only. ``read_at``: when each marked transfer's first task
    was readable, seconds since the epoch, by event_id. ``topic``: of the tasks."""

    def __init__(self, settings: Settings, topic: str = topics.INTERVENTIONS) -> None:
        self.read_at: dict[str, float] = {}
        self._settings = settings
        self._topic = topic
        self._wanted: int | None = None
        self._answered = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._consumer = AIOKafkaConsumer(
            **settings.kafka_client(),
            enable_auto_commit=False,
            isolation_level="read_committed",
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )

    async def __aenter__(self) -> "Reader":
        async with LogReader(self._settings) as log:
            tps = [TopicPartition(*tp) for tp in await log.partitions(self._topic)]
        await self._consumer.start()
        self._consumer.assign(tps)
        await self._consumer.seek_to_end(*tps)
        for tp in tps:
            await self._consumer.position(tp)
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        try:
            if self._task is not None and not self._task.cancel():
                self._task.result()  # it ended by itself: raises what it met
        finally:
            await self._consumer.stop()

    async def wait_for(self, count: int, seconds: float) -> None:
        """Wait until so many marked transfers were answered, or until the time is over."""
        self._wanted = count
        self._note()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._answered.wait()

    def _note(self) -> None:
        if self._wanted is not None and len(self.read_at) >= self._wanted:
            self._answered.set()

    async def _read(self) -> None:
        while True:
            fetched = await self._consumer.getmany(timeout_ms=1_000)
            now = time()
            for records in fetched.values():
                for record in records:
                    task = _TASK.decode(record.value)
                    event_id = (task.reason or task.reasons[0]).event_id
                    if event_id.startswith(MARK):
                        self.read_at.setdefault(event_id, now)
            self._note()
