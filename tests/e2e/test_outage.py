"""The broker goes away: a worker waits for it, costs little meanwhile, and ends when it is told to."""

import asyncio
import os
from pathlib import Path
from time import sleep

import pytest

from agents.embedded.local import LocalService
from agents.load import fill_journal

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]

WATCHED_SECONDS = 5.0
MOST_CPU_SHARE = 0.2
MOST_LINES_A_SECOND = 200
END_SECONDS = 25.0


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fill_and_lose_the_broker(service: LocalService, seed: int, seconds: float) -> None:
    """So that it is gone in the middle of transactions."""
    asyncio.run(fill_journal(service.settings, accounts=2_000, events=60_000, seed=seed))
    if "worker" not in service.processes:
        service.start("worker", PAYTIDE_MAX_RECORDS="100")
    sleep(seconds)
    service.kafka.kill()


def test_without_a_broker_a_worker_waits_quietly_then_goes_on_and_ends_when_told_to(
    service: LocalService,
) -> None:
    fill_and_lose_the_broker(service, seed=1, seconds=4)
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

    fill_and_lose_the_broker(service, seed=2, seconds=0)
    process = service.processes.pop("worker")
    process.terminate()
    try:
        process.wait(END_SECONDS)
    finally:
        process.kill()
