"""What silently stands still shows at /livez within 30 seconds (docs/operations.md#watching)."""

import asyncio
import urllib.error
import urllib.request
from time import monotonic, sleep

import pytest

from agents.embedded.local import LocalService
from agents.load import fill_journal
from tests.bench.stand import free_port

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]

ENTRY = "tests.chaos.entry"


def _ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def _until(port: int, path: str, code: int, seconds: float) -> str:
    until, last = monotonic() + seconds, (0, "")
    while monotonic() < until:
        last = _ask(port, path)
        if last[0] == code:
            return last[1]
        sleep(0.5)
    raise AssertionError(f"{path} never answered {code} in {seconds} s; the last answer was {last}")


def _start(service: LocalService, command: str, name: str, breaking: str, **env: str) -> int:
    port = free_port()
    service.start(command, name, ENTRY, CHAOS_BREAK=breaking, PAYTIDE_METRICS_PORT=str(port), **env)
    return port


def test_what_stands_still_was_ready_once_and_then_shows(service: LocalService) -> None:
    """A stuck pipeline, a stuck landing and a lost assignment, side by side: each takes half a minute."""
    landing = _start(service, "landing", "landing", "progress")
    lost = _start(service, "worker", "lost", "membership", PAYTIDE_APP_ID="other")
    _until(landing, "/readyz", 200, 60)
    _until(lost, "/readyz", 200, 60)
    # More in each partition than two transactions take.
    asyncio.run(fill_journal(service.settings, accounts=2_000, events=240_000, seed=1))
    worker = _start(service, "worker", "worker", "progress")
    _until(worker, "/readyz", 200, 60)
    assert "has records, but its position stands" in _until(worker, "/livez", 503, 60)
    assert "has records, but its position stands" in _until(landing, "/livez", 503, 60)
    assert "no member of the consumer group" in _until(lost, "/livez", 503, 60)
