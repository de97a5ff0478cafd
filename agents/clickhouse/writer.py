"""Rows into a table."""

from collections.abc import Sequence

from clickhouse_connect.driver.client import Client


def insert(client: Client, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> int:
    """Insert rows, in the order of ``columns``, and return how many; once this returns they are stored.

    Safe to repeat, in whole or in part: every table replaces a row by its identity. Raises the errors of
    clickhouse_connect; what happened to the rows is then unknown, so insert them again.
    """
    if rows:
        client.insert(table, rows, column_names=list(columns))
    return len(rows)
