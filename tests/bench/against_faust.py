"""The service and stock Faust on the same events, one after the other on the same broker.

Stock Faust does less: rules R4 to R6 and R9 only, no lateness, no duplicates, no facts, no dead letters,
at least once. The service does all it does. Both must give as many tasks as the pure pipeline.
"""

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from typing import NamedTuple

from aiokafka.admin import NewTopic

from agents.embedded.local import LocalService
from agents.kafka.admin import admin
from agents.kafka.offsets import LogReader, settled_ends
from agents.load import fill_journal
from agents.playbooks import load_playbook
from schemas import topics
from streams.books import Row
from streams.partition import Partition
from streams.rules import Rules
from streams.simulation.load import load
from tests.bench import stock_faust
from tests.bench.filling import Posting, Record, write
from tests.bench.stand import START, Size, fresh, medians, rate_of_worker, stand

EVENTS_SHARE = 5
"""Both get this part of the events only: stock Faust would take minutes over all of them."""

EVENTS_PER_ACCOUNT = 25
TIME_OUT = 600.0
FLUSH_SECONDS = 3.0


class _Read(NamedTuple):
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp: int | None = None


def measure(size: Size) -> dict[str, float]:
    """Events a second of both and their ratio, turn about, and the tasks of all three. Raises
    ``ValueError`` if their numbers differ: then the figures would be of different tasks."""
    return medians([_turn(size, turn) for turn in range(size.turns)])


def _turn(size: Size, turn: int) -> dict[str, float]:
    few = max(1, size.events // EVENTS_SHARE)
    accounts = max(1, few // EVENTS_PER_ACCOUNT)
    expected = expected_tasks(load(accounts, few, seed=1, start=START))
    with stand() as service:
        stock = _stock(service, accounts, few)
        stock_tasks = asyncio.run(_count(service, stock_faust.TASKS))
        asyncio.run(fill_journal(service.settings, accounts, few, seed=1, start=START))
        ours = rate_of_worker(service, fresh(service, f"faust-{turn}"), [topics.JOURNAL]).per_second
        our_tasks = asyncio.run(_count(service, topics.INTERVENTIONS))
    if not expected == stock_tasks == our_tasks:
        raise ValueError(f"tasks: {stock_tasks} of stock Faust, {our_tasks} of ours, {expected} expected")
    return {
        "stock_events_per_s": stock,
        "our_events_per_s": ours,
        "ours_by_stock": ours / stock,
        "events": few,
        "tasks": expected,
    }


def expected_tasks(postings: Iterable[Posting]) -> int:
    """How many tasks the pure pipeline gives for postings in order."""
    partition = Partition(Rules.of(load_playbook(None)), {}, Row(), ticking=False)
    for posting in postings:
        partition.read(_Read(*posting))
    return len(partition.take().tasks)


def _stock(service: LocalService, accounts: int, events: int) -> float:
    postings = load(accounts, events, seed=1, start=START)
    asyncio.run(_make_topics(service))
    asyncio.run(write(service.settings, (Record(stock_faust.EVENTS, *posting) for posting in postings)))
    return asyncio.run(_figure_of_stock(service, events))


async def _figure_of_stock(service: LocalService, events: int) -> float:
    stock = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.stock_faust",
        env={
            **os.environ,
            "BENCH_BOOTSTRAP": service.kafka.bootstrap,
            "BENCH_EVENTS": str(events),
            "BENCH_HOME": str(service.home / "faust"),
        },
        stdout=asyncio.subprocess.PIPE,
    )
    assert stock.stdout is not None
    try:
        async with asyncio.timeout(TIME_OUT):
            async for line in stock.stdout:
                if line.startswith(b"{"):
                    await asyncio.sleep(FLUSH_SECONDS)
                    return float(json.loads(line)["events_per_s"])
        raise RuntimeError("stock Faust ended without a figure")
    finally:
        if stock.returncode is None:
            stock.kill()
        await stock.wait()


async def _make_topics(service: LocalService) -> None:
    wanted: tuple[tuple[str, dict[str, str]], ...] = (
        (stock_faust.EVENTS, {}),
        (stock_faust.TASKS, {}),
        (stock_faust.CHANGELOG, {"cleanup.policy": "compact"}),
    )
    async with admin(service.settings) as client:
        await client.create_topics(
            [NewTopic(name, stock_faust.PARTITIONS, 1, topic_configs=config) for name, config in wanted]
        )


async def _count(service: LocalService, topic: str) -> int:
    count = 0
    async with LogReader(service.settings) as log:
        tps = await log.partitions(topic)
        begins, ends = await log.begins(tps), await settled_ends(service.settings, tps)
        for tp in tps:
            async for record_set in log.read(tp, begins[tp], ends[tp]):
                count += len(record_set.records)
    return count
