"""The broker goes away: a worker waits for it, costs little meanwhile, and ends when it is told to."""

import asyncio
from time import sleep

import pytest

from agents.embedded.local import LocalService
from agents.load import fill_journal
from agents.log.lag import lag
from schemas.topics import JOURNAL
from tests.bench.stand import cpu_seconds

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]

WATCHED_SECONDS = 5.0
MOST_CPU_SHARE = 0.2
MOST_LINES_A_SECOND = 200
END_SECONDS = 25.0


def fill(service: LocalService, seed: int) -> None:
    asyncio.run(fill_journal(service.settings, accounts=2_000, events=60_000, seed=seed))


def wait_until_it_applies(service: LocalService) -> None:
    def waiting() -> int:
        return asyncio.run(lag(service.settings, service.settings.app_id, [JOURNAL]))

    all_of_it = waiting()
    for _ in range(600):
        if waiting() < all_of_it:
            return
        service.check()
        sleep(0.1)
    raise AssertionError("the worker never began")


def test_without_a_broker_a_worker_waits_quietly_then_goes_on_and_ends_when_told_to(
    service: LocalService,
) -> None:
    fill(service, seed=1)
    service.start("worker", PAYTIDE_MAX_RECORDS="100")
    wait_until_it_applies(service)
    service.kafka.kill()  # in the middle of transactions
    sleep(1)
    process, log = service.processes["worker"], service.home / "worker.log"
    cpu, lines = cpu_seconds(process.pid), log.read_bytes().count(b"\n")
    sleep(WATCHED_SECONDS)
    share = (cpu_seconds(process.pid) - cpu) / WATCHED_SECONDS
    said = (log.read_bytes().count(b"\n") - lines) / WATCHED_SECONDS
    assert process.poll() is None, (
        f"a moment without a broker is no reason to end:\n{log.read_text()[-2000:]}"
    )
    assert share < MOST_CPU_SHARE, f"waiting takes {share:.0%} of a core"
    assert said < MOST_LINES_A_SECOND, f"{said:.0f} lines a second say the same"

    service.kafka.start()
    service.wait_applied(60)

    fill(service, seed=2)
    service.kafka.kill()
    process = service.processes.pop("worker")
    process.terminate()
    try:
        process.wait(END_SECONDS)
    finally:
        process.kill()
