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


def test_without_a_broker_a_worker_waits_quietly_and_goes_on_when_it_is_back(service: LocalService) -> None:
    asyncio.run(fill_journal(service.settings, accounts=2_000, events=200_000, seed=1))
    service.start("worker", PAYTIDE_MAX_RECORDS="500")
    sleep(6)
    service.kafka.kill()  # in the middle of transactions
    sleep(2)
    process, log = service.processes["worker"], service.home / "worker.log"
    cpu, lines = cpu_seconds(process.pid), log.read_bytes().count(b"\n")
    sleep(WATCHED_SECONDS)
    share = (cpu_seconds(process.pid) - cpu) / WATCHED_SECONDS
    said = (log.read_bytes().count(b"\n") - lines) / WATCHED_SECONDS
    assert process.poll() is None, (
        f"a broker that is away for a moment is no reason to end:\n{log.read_text()[-2000:]}"
    )
    assert share < MOST_CPU_SHARE, f"waiting takes {share:.0%} of a core"
    assert said < MOST_LINES_A_SECOND, f"{said:.0f} lines a second say the same"
    service.kafka.start()
    service.wait_applied(60)


def test_a_worker_ends_when_told_to_though_the_broker_is_away(service: LocalService) -> None:
    asyncio.run(fill_journal(service.settings, accounts=2_000, events=200_000, seed=1))
    service.start("worker", PAYTIDE_MAX_RECORDS="500")
    sleep(6)
    service.kafka.kill()
    sleep(2)
    process = service.processes.pop("worker")
    process.terminate()
    try:
        process.wait(END_SECONDS)
    finally:
        process.kill()
