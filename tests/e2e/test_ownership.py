"""Who may write: a worker that lost its partition may not; a journal that is another one is noticed."""

import asyncio
import os
import signal
from time import monotonic, sleep

import pytest
from aiokafka.admin import NewTopic

from agents.embedded.local import LocalService
from agents.load import fill_journal
from agents.log.topics import JOURNAL_CONFIG, admin
from schemas import topics
from tests.e2e.audit import assert_live_is_backtest

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

SESSION_SECONDS = 3


def test_a_worker_that_slept_through_its_session_cannot_write_when_it_wakes(service: LocalService) -> None:
    """SIGSTOP in the middle of the work, another worker takes over, SIGCONT: nothing is there twice."""
    asyncio.run(fill_journal(service.settings, accounts=2_000, events=60_000, seed=3))
    session = {
        "PAYTIDE_KAFKA_SESSION_TIMEOUT": str(SESSION_SECONDS),
        "PAYTIDE_MAX_RECORDS": "200",
        "PAYTIDE_MAX_FETCH_BYTES": "60000",
    }
    service.start("worker", "sleeper", **session)
    sleep(8)
    sleeper = service.processes.pop("sleeper")
    os.kill(sleeper.pid, signal.SIGSTOP)
    service.start("worker", "successor", **session)
    try:
        service.wait_applied(90)
        os.kill(sleeper.pid, signal.SIGCONT)
        asyncio.run(fill_journal(service.settings, accounts=2_000, events=5_000, seed=4))
        sleep(2 * SESSION_SECONDS)
        service.wait_applied(60)
        assert_live_is_backtest(service)
    finally:
        os.kill(sleeper.pid, signal.SIGKILL)
        sleeper.wait()


async def _recreate_journal(service: LocalService) -> None:
    async with admin(service.settings) as client:
        await client.delete_topics([topics.JOURNAL])
        await asyncio.sleep(3)
        await client.create_topics([NewTopic(topics.JOURNAL, 4, 1, topic_configs=JOURNAL_CONFIG)])


def test_a_journal_recreated_under_the_state_stops_the_worker_with_a_clear_message(
    service: LocalService,
) -> None:
    asyncio.run(fill_journal(service.settings, accounts=100, events=2_000, seed=5))
    service.start("worker")
    service.wait_applied()
    assert service.stop("worker") == 0
    asyncio.run(_recreate_journal(service))
    service.start("worker")
    process = service.processes.pop("worker")
    until = monotonic() + 60
    while process.poll() is None and monotonic() < until:
        sleep(0.2)
    ended = process.poll()
    process.kill()
    log = (service.home / "worker.log").read_text()
    assert ended == 2, f"the worker must stop by itself, with advice:\n{log[-2000:]}"
    assert "was recreated: the state belongs to topic id" in log
