"""Alive means that what the logs hold is being worked off; ready, that it is our turn to do so."""

from collections.abc import Callable
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, TopicAuthorizationFailedError
from prometheus_client import CollectorRegistry, Counter

from agents.log.records import TP
from agents.ops import health as health_module
from agents.ops import http
from agents.ops.health import STUCK_SECONDS, Health, Probe
from agents.ops.http import application
from agents.settings import Settings

IN = TP("in", 0)


class Time:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def health(time: Time) -> Health:
    return Health(time)


def look(
    health: Health, position: int = 0, end: int = 0, *, member: bool = True, settled: bool = True
) -> None:
    health.look({IN: position}, {IN: end}, is_member=member, is_settled=settled)


def over(time: Time, seconds: float, note: Callable[[], None]) -> None:
    """Look every two seconds for so long."""
    for _ in range(int(seconds // 2)):
        time.now += 2
        note()


def test_a_partition_that_is_worked_off_is_no_problem(health: Health, time: Time) -> None:
    position = 0

    def note() -> None:
        nonlocal position
        position += 1
        look(health, position, 10_000)

    over(time, 10 * STUCK_SECONDS, note)
    assert health.problem() is None


def test_an_idle_partition_is_no_problem(health: Health, time: Time) -> None:
    over(time, 10 * STUCK_SECONDS, lambda: look(health, 5, 5))
    assert health.problem() is None
    assert health.unready() is None


def test_a_partition_that_stands_still_with_records_waiting_shows_within_30_seconds(
    health: Health, time: Time
) -> None:
    over(time, 30, lambda: look(health, 5, 6))
    problem = health.problem()
    assert problem is not None
    assert "in-0 has records" in problem
    assert health.unready() is not None


def test_a_partition_that_moves_again_is_no_problem_any_more(health: Health, time: Time) -> None:
    over(time, 60, lambda: look(health, 5, 9))
    look(health, 6, 9)
    assert health.problem() is None


def test_a_long_idle_partition_that_gets_a_record_is_given_its_time(health: Health, time: Time) -> None:
    over(time, 100, lambda: look(health, 5, 5))
    time.now += 2
    look(health, 5, 6)
    assert health.problem() is None


def test_an_unknown_end_says_nothing(health: Health, time: Time) -> None:
    over(time, 100, lambda: health.look({IN: 5}, {}, is_member=True, is_settled=True))
    assert health.problem() is None


def test_lost_membership_shows_within_30_seconds(health: Health, time: Time) -> None:
    look(health)
    over(time, 30, lambda: look(health, member=False))
    assert "no member of the consumer group" in str(health.problem())


def test_a_loop_that_does_not_turn_shows_within_30_seconds(health: Health, time: Time) -> None:
    look(health)
    time.now += 30
    assert "event loop" in str(health.problem())


def test_a_partition_that_left_is_forgotten(health: Health, time: Time) -> None:
    over(time, 60, lambda: look(health, 5, 9))
    health.look({}, {}, is_member=True, is_settled=True)
    assert health.problem() is None


def test_recovery_is_alive_and_not_ready(health: Health) -> None:
    look(health, settled=False)
    assert health.problem() is None
    assert health.unready() is not None


def test_who_waits_for_another_is_alive_and_not_ready_and_tells_for_what(health: Health, time: Time) -> None:
    """To start the landing again would not bring ClickHouse back."""

    def note(waits_for: str | None) -> None:
        health.look({IN: 5}, {IN: 9}, is_member=True, is_settled=True, waits_for=waits_for)

    over(time, 600, lambda: note("ClickHouse takes no rows"))
    assert health.problem() is None
    assert health.unready() == "ClickHouse takes no rows"
    over(time, 20, lambda: note(None))
    assert health.unready() is None, "now it is given its time to catch up"
    over(time, 30, lambda: note(None))
    assert "has records" in str(health.problem()), "it stands still without a reason"


def get(health: Health, path: str) -> tuple[str, bytes]:
    registry = CollectorRegistry()
    Counter("paytide_seen", "A metric.", registry=registry).inc()
    status: list[str] = []
    environ: dict[str, Any] = {"PATH_INFO": path, "REQUEST_METHOD": "GET", "QUERY_STRING": ""}
    body = application(registry, health)(environ, lambda line, _headers: status.append(line))
    return status[0], b"".join(body)


def test_the_probes_tell_the_verdict_and_the_reason(health: Health, time: Time) -> None:
    look(health)
    assert get(health, "/livez") == ("200 OK", b"alive\n")
    assert get(health, "/readyz") == ("200 OK", b"ready\n")
    time.now += 60
    assert get(health, "/livez")[0].startswith("503")
    assert b"event loop" in get(health, "/readyz")[1]


def test_a_worker_that_has_not_joined_yet_is_not_ready(health: Health) -> None:
    assert get(health, "/readyz")[0].startswith("503")


def test_metrics_are_served_and_other_paths_say_where_things_are(health: Health) -> None:
    assert b"paytide_seen_total 1.0" in get(health, "/metrics")[1]
    assert get(health, "/")[0].startswith("404")


def test_port_nought_serves_nothing(health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a server was made")

    monkeypatch.setattr(http, "make_server", refuse)
    http.serve(0, CollectorRegistry(), health)


async def test_a_refusal_ends_the_watch_and_a_broker_that_is_away_does_not(
    health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look away from a refusal would leave a worker alive that can never work again."""
    errors: list[Exception] = [
        KafkaConnectionError("away"),
        TopicAuthorizationFailedError("payday.journal.v1"),
    ]

    def reader(*_: Any, **__: Any) -> Any:
        raise errors.pop(0)

    monkeypatch.setattr(health_module, "LogReader", reader)
    monkeypatch.setattr(health_module, "LOOK_SECONDS", 0.0)
    probe = Probe(lambda: {}, lambda: True, lambda: True, lambda: None)
    with pytest.raises(TopicAuthorizationFailedError):
        await health_module.watch(Settings(_env_file=None), health, probe)
    assert not errors, "a broker that is away ended the watch"
