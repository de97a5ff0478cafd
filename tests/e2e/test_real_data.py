"""The Czech bank through router, journal, detector, landing and ClickHouse, undisturbed and killed (J1, X3)."""

import asyncio
import random
import threading
from time import monotonic

import pytest

from agents.clickhouse import report
from agents.clickhouse.client import connect
from agents.embedded.local import LocalService
from agents.files import czech_lines
from agents.ingest import ingest
from tests.e2e.audit import assert_live_is_backtest

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

CLASSES = {"loyal": 987, "spend_down": 458, "transfer_out": 3}
KILLS = 6


def _check(service: LocalService) -> None:
    service.wait_applied()
    service.wait_landed()
    result = assert_live_is_backtest(service)
    assert result.books.dead == {}, "clean data must not be refused"
    assert service.stop("worker") == 0, "the worker did not end cleanly"
    assert service.stop("landing") == 0, "the landing did not end cleanly"
    client = connect(service.settings.clickhouse_dsn)
    try:
        assert report.class_counts(client) == CLASSES
        assert report.flag_counts(client) == {"single_large": 30}
        assert [count.tasks for count in report.task_counts(client)] == [30]
        _assert_rows_are_facts(client, result)
    finally:
        client.close()


def _assert_rows_are_facts(client: object, result: object) -> None:
    points = sum(len(fact.points) for fact in result.facts if fact.fact == "curve_point")  # type: ignore[attr-defined]
    landed = client.query("SELECT count(), uniqExact(account_id, cycle_payday, day) FROM curve_point FINAL")  # type: ignore[attr-defined]
    assert landed.result_rows == [(points, points)], "curve points landed are not those of the backtest"


def test_the_czech_file_gives_its_known_figures_all_the_way_to_clickhouse(
    czech_service: LocalService,
) -> None:
    czech_service.start("worker")
    czech_service.start("landing")
    asyncio.run(ingest(czech_service.settings, czech_lines()))
    _check(czech_service)


def _supervised(service: LocalService, over: threading.Event, seconds: float) -> bool:
    """Start again for some seconds whatever ends by itself, as a supervisor would: a worker that cannot know
    what became of its last transaction gives up. Returns whether it is over."""
    until = monotonic() + seconds
    while not over.wait(0.1) and monotonic() < until:
        for name in service.ended():
            service.start(name)
    return over.is_set()


@pytest.mark.parametrize("seed", [20261121])
def test_nothing_is_lost_and_nothing_is_there_twice_however_often_worker_and_landing_are_killed(
    czech_service: LocalService, seed: int
) -> None:
    """SIGKILL at random moments, half of the time of both processes at once."""
    czech_service.start("worker")
    czech_service.start("landing")
    chance = random.Random(seed)
    over = threading.Event()
    kills: list[str] = []

    def kill() -> None:
        while len(kills) < KILLS and not _supervised(czech_service, over, chance.uniform(1.5, 5)):
            for name in ("worker", "landing") if chance.random() < 0.5 else ("worker",):
                czech_service.kill(name)
                czech_service.start(name)
                kills.append(name)
        while not _supervised(czech_service, over, 5):
            pass

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        asyncio.run(ingest(czech_service.settings, czech_lines(), lines_per_tick=400))
    finally:
        over.set()
        killer.join()
    assert len(kills) >= 4, f"only {kills} were killed: the file was played too fast to test anything"
    _check(czech_service)
