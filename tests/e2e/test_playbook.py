"""A playbook that changes on a running log: live is backtest, also when a worker dies over it (A6, B1, B2)."""

import asyncio
from datetime import date

import pytest

from agents.broadcasting import Broadcaster
from agents.embedded.local import LocalService
from agents.load import fill_journal
from agents.log.offsets import committed
from agents.log.records import TP
from agents.log.topics import admin
from schemas import topics
from schemas.broadcasts import PlaybookChange
from schemas.playbook import Playbook
from tests.e2e.audit import assert_live_is_backtest

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

LATER = date(2026, 3, 1)


async def _publish(service: LocalService, version: int, share: str) -> None:
    book = Playbook.model_validate({"version": version, "flags": {"single_share": share}})
    async with Broadcaster(service.settings, "broadcast") as broadcaster:
        assert await broadcaster.send(PlaybookChange.of(book, 0)) == 2 * service.settings.partitions


async def _until_begun(service: LocalService) -> None:
    """Wait until something is committed, with much still to be read."""
    tps = [TP(topics.JOURNAL, partition) for partition in range(service.settings.partitions)]
    async with admin(service.settings) as client, asyncio.timeout(60):
        while not any((await committed(client, service.settings.app_id, tps)).values()):
            service.check()
            await asyncio.sleep(0.01)


def test_live_is_backtest_over_a_change_of_playbook_and_a_killed_worker(bare_service: LocalService) -> None:
    service = bare_service
    asyncio.run(_publish(service, 2, "0.3"))
    asyncio.run(fill_journal(service.settings, accounts=500, events=20_000, seed=11))
    asyncio.run(_publish(service, 3, "0.01"))
    asyncio.run(fill_journal(service.settings, accounts=500, events=20_000, seed=12, start=LATER))
    small = {"PAYTIDE_MAX_RECORDS": "200", "PAYTIDE_MAX_FETCH_BYTES": "60000"}
    service.start("worker", "first", **small)
    asyncio.run(_until_begun(service))
    service.kill("first")
    service.start("worker", "second", **small)
    service.wait_applied(120)
    result = assert_live_is_backtest(service)
    versions = {task.playbook.version for task in result.tasks}
    assert versions == {2, 3}, "both playbooks must have decided something, and the worker's own file nothing"
