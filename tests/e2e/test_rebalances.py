"""Rebalances: a dead worker's partitions run elsewhere soon, a rolling restart is cheap, nothing is replayed."""

import asyncio
from collections.abc import Iterator
from time import time
from typing import Any

import pytest

from agents.embedded.local import LocalService
from agents.load import fill_journal
from agents.log.records import TP
from agents.log.topics import changelog_topic
from tests.conftest import settled_ends
from tests.e2e.conftest import started
from tests.e2e.progress import Progress
from tests.e2e.reporting_worker import told

pytestmark = [pytest.mark.broker, pytest.mark.timeout(200)]

ENTRY = "tests.e2e.reporting_worker"
FOUR = {0, 1, 2, 3}
ELSEWHERE_SECONDS = 10.0
SEEN_SECONDS = 0.5
PAUSE_SECONDS = 3.0
"""A rebalance takes longer; a process that starts beside it takes a core for about one second."""
START_SECONDS = 60.0
LAST_AGAIN = 1
"""Faust's recovery begins at the last record held, not behind it."""


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    with started(tmp_path_factory.mktemp("rebalances")) as service:
        yield service


def _start(service: LocalService, name: str, **env: str) -> None:
    service.start("worker", name, ENTRY, **env)


def _last(service: LocalService, name: str, what: str) -> dict[str, Any]:
    return next(iter(reversed(told(service.home / f"{name}.log", what))), {})


async def _until_running(service: LocalService, name: str, count: int) -> set[int]:
    """Wait until a worker runs so many partitions of the journal; returns which."""
    until = time() + START_SECONDS
    while True:
        service.check()
        assigned, running = _last(service, name, "assigned"), _last(service, name, "running")
        if running and assigned["at"] < running["at"] and len(running["partitions"]) == count:
            return set(running["partitions"])
        assert time() < until, f"{name} never ran {count} partitions; it told of {assigned}, {running}"
        await asyncio.sleep(0.1)


async def _two_workers(service: LocalService, **env: str) -> tuple[set[int], set[int]]:
    _start(service, "one", **env)
    await _until_running(service, "one", 4)
    _start(service, "two", **env)
    return await _until_running(service, "one", 2), await _until_running(service, "two", 2)


async def _ends_at_rest(service: LocalService) -> dict[int, int]:
    """Where the changelog ends, by partition, once the deadlines of the last tick are worked off, too."""
    tps = [TP(changelog_topic(service.settings.app_id), partition) for partition in FOUR]
    ends = await settled_ends(service.settings, tps)
    while True:
        await asyncio.sleep(1)
        before, ends = ends, await settled_ends(service.settings, tps)
        if before == ends:
            return {tp.partition: end for tp, end in ends.items()}


async def test_a_killed_workers_partitions_run_elsewhere_within_ten_seconds(service: LocalService) -> None:
    """With the default settings, and the state read back."""
    await fill_journal(service.settings, accounts=2_000, events=40_000, seed=1)
    _, lost = await _two_workers(service)
    async with Progress(service.settings) as progress:
        await progress.until_moved(FOUR, time(), 20)
        killed_at = time()
        service.kill("two")
        # What the dead worker had committed may be seen a moment later.
        took = SEEN_SECONDS + await progress.until_moved(lost, killed_at + SEEN_SECONDS, 40)
    assert took < ELSEWHERE_SECONDS, f"partitions {sorted(lost)} stood still for {took:.1f} s after the kill"


async def test_a_rolling_restart_within_the_session_timeout_touches_no_other_worker(
    service: LocalService,
) -> None:
    session = {"PAYTIDE_KAFKA_SESSION_TIMEOUT": "20"}
    await fill_journal(service.settings, accounts=2_000, events=40_000, seed=1)
    owned = dict(zip(("one", "two"), await _two_workers(service, **session), strict=True))
    async with Progress(service.settings) as progress:
        await progress.until_moved(FOUR, time(), 20)
        for restarted, other in (("two", "one"), ("one", "two")):
            before, began = _last(service, other, "assigned"), time()
            assert service.stop(restarted) == 0
            _start(service, restarted, **session)
            await progress.until_moved(owned[restarted], time(), 40)
            pause = max(progress.longest_pause(partition, began) for partition in owned[other])
            assert _last(service, other, "assigned") == before, (
                f"the group rebalanced when {restarted} came back: {other} had to start anew"
            )
            assert set(_last(service, restarted, "assigned")["partitions"]) == owned[restarted], (
                f"{restarted} did not get its partitions back"
            )
            assert pause < PAUSE_SECONDS, f"{other} stood still for {pause:.1f} s while {restarted} restarted"


async def test_a_rebalance_reads_back_only_what_a_worker_does_not_hold(service: LocalService) -> None:
    session = {"PAYTIDE_KAFKA_SESSION_TIMEOUT": "3"}
    await fill_journal(service.settings, accounts=6_000, events=40_000, seed=1)
    _start(service, "one", **session)
    await asyncio.to_thread(service.wait_applied)
    ends = await _ends_at_rest(service)
    _start(service, "two", **session)
    await _until_running(service, "two", 2)
    kept = await _until_running(service, "one", 2)
    held = _last(service, "one", "assigned")["persisted"]
    last = {str(partition): ends[partition] - 2 for partition in kept}
    assert held == last, (
        "the table does not hold the changelog up to its last record, the one before the mark"
    )
    whole = _last(service, "two", "running")["read"]
    assert min(whole.values()) > 1_000, f"nothing was read by who held nothing: {whole} counts nothing"
    read = _last(service, "one", "running")["read"]
    assert max(read.values()) <= LAST_AGAIN, f"it replayed what it holds: {read}"
    service.kill("two")
    await _until_running(service, "one", 4)
    read = _last(service, "one", "running")["read"]
    assert max(read.values()) <= LAST_AGAIN, f"it replayed what it held, or followed as a standby: {read}"
