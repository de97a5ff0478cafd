"""A batch's rows into ClickHouse, in inserts that it can take; the rows it refuses are found one by one."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from agents.clickhouse.client import connect
from agents.clickhouse.errors import ClickHouseMisfit, Verdict, detail_of, verdict
from agents.clickhouse.writer import insert
from streams.landing.batch import Refused, Values, inserts
from streams.landing.rows import COLUMNS

MOST_REFUSED: Final = 100
"""So many rows refused of one table and batch, and it is not the rows."""


class Inserter:
    """Inserts over one connection, made when it is needed. Its methods block: use it off the event loop."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._client: Any = None
        # It logs, with values, what it raises.
        logging.getLogger("clickhouse_connect.driver.transform").setLevel(logging.CRITICAL)

    def insert(self, tables: Mapping[str, Sequence[Values]], *, blame_rows: bool = False) -> list[Refused]:
        """Store rows by table; returns those that ClickHouse refuses, all others are stored then.

        Safe to repeat, in whole or in part. ``blame_rows``: an error that may pass (``Verdict.UNSURE``) counts as
        the rows' too. Raises ClickHouseMisfit if it refuses so many that it is not the rows, and whatever
        else goes wrong as it is: ask ``verdict``.
        """
        blamed = {Verdict.REFUSED, Verdict.UNSURE} if blame_rows else {Verdict.REFUSED}
        try:
            if self._client is None:
                self._client = connect(self._dsn)
            return [one for table, rows in tables.items() for one in self._insert(table, rows, blamed)]
        except Exception:
            self.close()  # whatever state it is in
            raise

    def close(self) -> None:
        """Let go of the connection; the next insert makes another."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):  # it may be broken: nothing is lost with it
                client.close()

    def _insert(self, table: str, rows: Sequence[Values], blamed: set[Verdict]) -> list[Refused]:
        refused: list[Refused] = []
        waiting = inserts(table, rows)
        while waiting:
            part = waiting.pop()
            try:
                insert(self._client, table, COLUMNS[table], part)
            except Exception as error:
                if verdict(error) not in blamed:
                    raise
                if len(part) > 1:
                    middle = len(part) // 2
                    waiting += [part[middle:], part[:middle]]
                    continue
                refused.append(Refused(table, part[0], detail_of(error)))
                if len(refused) > MOST_REFUSED:
                    raise _not_the_rows(table, refused[-1].detail) from None  # it may hold values
        return refused


def _not_the_rows(table: str, detail: str) -> ClickHouseMisfit:
    return ClickHouseMisfit(
        f"ClickHouse refuses more than {MOST_REFUSED} rows of one insert into {table} ({detail}), so it is not the "
        "rows: run 'paytide migrate', and compare the table with deploy/clickhouse"
    )
