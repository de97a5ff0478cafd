"""Starts a process of the service with a fault built in: ``python -m tests.chaos.entry worker``.

``CHAOS_WINDOW``: where to die by SIGKILL: before-changelog, before-commit, after-commit (worker),
before-insert, during-insert, after-insert (landing); ``CHAOS_AFTER``: after so many times passing it.
``CHAOS_BREAK``: a guarantee to take away, so that the check can be seen to notice.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from agents import keyed, landing
from agents.cli import main
from agents.clickhouse import inserting
from agents.log import transaction
from agents.recordset import consumer, inbox, manager, pipeline

WINDOW = os.environ.get("CHAOS_WINDOW", "")
AFTER = int(os.environ.get("CHAOS_AFTER", "0"))
BREAK = os.environ.get("CHAOS_BREAK", "")


class Countdown:
    """Dies at the n-th time it is reached."""

    def __init__(self, left: int) -> None:
        self._left = left

    def reach(self) -> None:
        """One more time."""
        self._left -= 1
        if self._left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _die_around_commits(countdown: Countdown) -> None:
    commit, send = transaction.Transactor.commit, AIOKafkaProducer.commit_transaction

    async def dying_commit(self: Any, *args: Any, **kwargs: Any) -> Any:
        if WINDOW == "before-changelog":
            countdown.reach()
        result = await commit(self, *args, **kwargs)
        if WINDOW == "after-commit":
            countdown.reach()
        return result

    async def dying_send(self: Any) -> None:
        if WINDOW == "before-commit":
            countdown.reach()
        await send(self)

    transaction.Transactor.commit = dying_commit  # type: ignore[method-assign]
    AIOKafkaProducer.commit_transaction = dying_send  # type: ignore[method-assign]


def _die_around_inserts(countdown: Countdown) -> None:
    insert = inserting.insert
    tables = 0

    def dying_insert(client: Any, table: str, *args: Any) -> int:
        nonlocal tables
        tables += 1
        if WINDOW == "before-insert" or (WINDOW == "during-insert" and tables % 2 == 0):
            countdown.reach()
        rows = insert(client, table, *args)
        if WINDOW == "after-insert":
            countdown.reach()
        return rows

    inserting.insert = dying_insert


def _break_fence() -> None:
    """Nobody is fenced, whatever arrives is applied wherever the partition stands, and a worker starts
    a little before its fence."""
    start = transaction.Transactor.__init__

    def unfenced(self: Any, transactional_id: str, *args: Any, **kwargs: Any) -> None:
        start(self, f"{transactional_id}-{uuid4().hex}", *args, **kwargs)

    async def gullible(self: Any, record_set: Any) -> None:
        self._end = record_set.start
        await offer(self, record_set)

    async def before_fence(self: Any, partition: int, *, after_failure: bool) -> Any:
        opened = await open_(self, partition, after_failure=after_failure)
        return opened._replace(position=max(0, opened.position - 200))

    offer, open_ = inbox.Inbox.offer, keyed.KeyedSource.open
    keyed.KeyedSource.open = before_fence  # type: ignore[method-assign]
    transaction.Transactor.__init__ = unfenced  # type: ignore[method-assign]
    inbox.Inbox.offer = gullible  # type: ignore[method-assign]


def _break_commit() -> None:
    """The input position is committed, and the work thrown away, every fifth time."""
    commit: Callable[..., Awaitable[Any]] = transaction.Transactor.commit
    times = 0

    async def early(self: Any, writes: Any, source: Any = None, *args: Any, **kwargs: Any) -> Any:
        nonlocal times
        times += 1
        if source is not None and times % 5 == 0:
            kept = {tp: list(records) for tp, records in writes.items() if "changelog" in tp.topic}
            return await commit(self, kept, source, *args, **kwargs)
        return await commit(self, writes, source, *args, **kwargs)

    transaction.Transactor.commit = early  # type: ignore[method-assign]


def _break_landing_key() -> None:
    """Rows lose their identity: a retry lands them again."""
    rows_of = landing.rows_of

    def anonymous(topic: str, record: Any) -> list[Any]:
        rows = []
        for row in rows_of(topic, record):
            values = list(row.values)
            if row.table == "account_cycle":
                values[0] = f"{values[0]}-{uuid4().hex[:4]}"
            rows.append(row._replace(values=tuple(values)))
        return rows

    landing.rows_of = anonymous


def _break_progress() -> None:
    """Pipelines stand still after two transactions, landings once they hold something; nothing is said."""
    turn, collect = pipeline.Pipeline._turn, landing.Landing._collect

    async def stuck(self: Any) -> None:
        if self.turns > 1:
            await asyncio.sleep(3600)
        await turn(self)

    async def stuck_collect(self: Any) -> Any:
        ends, batch = await collect(self)
        if ends:
            await asyncio.sleep(3600)
        return ends, batch

    pipeline.Pipeline._turn = stuck  # type: ignore[method-assign]
    landing.Landing._collect = stuck_collect  # type: ignore[method-assign]


def _break_membership() -> None:
    """The consumer leaves its group after ten seconds, and nothing is said."""
    create = consumer.RecordSetConsumerThread._create_worker_consumer

    def leaving(self: Any, transport: Any) -> Any:
        made = create(self, transport)
        asyncio.get_running_loop().call_later(10, lambda: asyncio.ensure_future(made._coordinator.close()))
        return made

    consumer.RecordSetConsumerThread._create_worker_consumer = leaving  # type: ignore[method-assign]


BREAKS = {"fence": _break_fence, "commit-early": _break_commit, "landing-key": _break_landing_key}
BREAKS |= {"progress": _break_progress, "membership": _break_membership}

if __name__ == "__main__":
    if BREAK:
        BREAKS[BREAK]()
    if WINDOW.endswith("insert"):
        _die_around_inserts(Countdown(AFTER))
    elif WINDOW:
        _die_around_commits(Countdown(AFTER))
    assert manager.Transactor is transaction.Transactor
    main(sys.argv[1:])
