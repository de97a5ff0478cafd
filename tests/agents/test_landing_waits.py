"""What the landing tells while ClickHouse takes no rows."""

from typing import Any

import pytest

from agents import landing as landings
from agents.landing import create_landing
from agents.settings import Settings
from streams.landing import Row


async def test_while_clickhouse_refuses_it_says_so_and_no_longer_once_the_rows_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(landings, "FIRST_WAIT_SECONDS", 0.0)
    landing: Any = create_landing(Settings(_env_file=None)).landing
    said: list[str | None] = []

    def insert(_tables: Any) -> None:
        said.append(landing.waits_for)
        if len(said) == 1:
            raise OSError("connection refused")

    landing._insert_now = insert
    await landing._insert([Row("account_cycle", ("a",))])
    assert said == [None, "ClickHouse takes no rows: connection refused"]
    assert landing.waits_for is None
