"""The whole service as processes: a real broker, a real ClickHouse engine, workers that can be killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.clickhouse import migrate
from agents.clickhouse.client import connect
from agents.embedded.local import LocalService


def started(home: Path, *, playbook: bool = True, **env: str) -> LocalService:
    """A service whose broker runs and whose tables exist; the processes are the test's to start. ``playbook``: whether
    its journal begins with one."""
    service = LocalService(home, **env)
    service.start_broker(playbook=playbook)
    client = connect(service.settings.clickhouse_dsn)
    migrate.apply(client)
    client.close()
    return service


@pytest.fixture
def czech_service(tmp_path: Path) -> Iterator[LocalService]:
    """A service in the Czech bank's time zone."""
    with started(tmp_path, PAYTIDE_TIMEZONE="Europe/Prague") as service:
        yield service


@pytest.fixture
def bare_service(tmp_path: Path) -> Iterator[LocalService]:
    """A service in Shanghai whose journal has no playbook."""
    with started(tmp_path, playbook=False) as service:
        yield service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LocalService]:
    """A service in Shanghai."""
    with started(tmp_path) as service:
        yield service
