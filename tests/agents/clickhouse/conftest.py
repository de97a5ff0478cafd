"""One chDB engine a test module: a process opens one folder at a time, so tests share it and empty it."""

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from agents.clickhouse.client import connect


@pytest.fixture(scope="module")
def engine_dsn(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"chdb://{tmp_path_factory.mktemp('clickhouse')}"


@pytest.fixture(scope="module")
def engine(engine_dsn: str) -> Iterator[Client]:
    client = connect(engine_dsn)
    yield client
    client.close()


@pytest.fixture
def client(engine: Client) -> Client:
    """The engine with no table and no view in it."""
    tables = engine.query("SELECT name FROM system.tables WHERE database = currentDatabase()").result_rows
    for (name,) in tables:
        engine.command(f"DROP TABLE IF EXISTS `{name}` SYNC")
    return engine
