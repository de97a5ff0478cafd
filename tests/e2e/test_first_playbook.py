"""Nothing is applied from a journal without a playbook; what stands before the first is decided under it (B4)."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from agents.broadcasting import broadcast
from agents.cli.watching import read_all
from agents.embedded.local import LocalService
from agents.load import fill_journal
from agents.log.offsets import committed
from agents.log.records import TP
from agents.log.topics import admin
from agents.lookahead import first_of
from schemas import topics
from schemas.broadcasts import PlaybookChange
from schemas.decode import decode, type_header
from schemas.playbook import Playbook
from tests.bench.stand import free_port
from tests.e2e.audit import assert_live_is_backtest
from tests.e2e.test_liveness import _until as until_answered

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]


def until(is_so: Callable[[], object], seconds: float = 60.0) -> None:
    end = monotonic() + seconds
    while not is_so():
        assert monotonic() < end, "it never came"
        sleep(0.1)


async def positions(service: LocalService) -> dict[TP, int]:
    tps = [TP(topics.JOURNAL, partition) for partition in range(service.settings.partitions)]
    async with admin(service.settings) as client:
        return await committed(client, service.settings.app_id, tps)


async def published(service: LocalService) -> list[tuple[int, int]]:
    """The playbooks in the journal: partition and version."""
    found = []
    async for record in read_all(service.settings, topics.JOURNAL):
        change = decode(record.value, type_header(record))
        if isinstance(change, PlaybookChange):
            found.append((record.partition, change.playbook["version"]))
    return sorted(found)


def playbook(folder: Path, version: int) -> str:
    file = folder / f"book-{version}.yaml"
    file.write_text(f"version: {version}\n")
    return str(file)


def test_a_worker_waits_for_a_playbook_says_so_and_decides_all_before_it_under_it(
    bare_service: LocalService,
) -> None:
    service, port = bare_service, free_port()
    asyncio.run(fill_journal(service.settings, accounts=500, events=20_000, seed=11))
    service.start("worker", PAYTIDE_METRICS_PORT=str(port), PAYTIDE_MAX_RECORDS="500")
    everywhere = (
        "a playbook in payday.groups.v1, partitions 0, 1, 2, 3; payday.journal.v1, partitions 0, 1, 2, 3:"
    )
    until(lambda: everywhere in until_answered(port, "/readyz", 503, 60))
    assert asyncio.run(positions(service)) == {}, "something was applied without a playbook"
    asyncio.run(broadcast(service.settings, first_of(Playbook(version=7))))
    service.wait_applied(120)
    until_answered(port, "/readyz", 200, 60)
    result = assert_live_is_backtest(service)
    assert {task.playbook.version for task in result.tasks} == {7}


def test_the_worker_that_ticks_broadcasts_its_own_and_later_ones_take_what_the_log_holds(
    bare_service: LocalService, tmp_path: Path
) -> None:
    service = bare_service
    service.start("worker", "first", PAYTIDE_TICK_SECONDS="0.3", PAYTIDE_PLAYBOOK=playbook(tmp_path, 5))
    everywhere = [(partition, 5) for partition in range(service.settings.partitions)]
    until(lambda: asyncio.run(published(service)) == everywhere)
    until(lambda: len(asyncio.run(positions(service))) == service.settings.partitions)
    service.stop("first")
    service.start("worker", "second", PAYTIDE_TICK_SECONDS="0.3", PAYTIDE_PLAYBOOK=playbook(tmp_path, 6))
    log = service.home / "second.log"
    until(lambda: "this worker's own, playbook default, version 6, decides nothing" in log.read_text())
    service.stop("second")
    service.start("worker", "third")  # without a clock, so that the journal comes to an end
    service.wait_applied()
    assert asyncio.run(published(service)) == everywhere, "the second one has published another"
    result = assert_live_is_backtest(service)
    assert {fact.fact for fact in result.facts} == {"playbook_in_force"}
