"""ClickHouse's errors, as clickhouse-connect raises them."""

from typing import Final

from clickhouse_connect.driver import exceptions

from agents.errors import Advice, BackOff, Stop, Table, followed_by, one_line, unadvised

_UNMIGRATED: Final = ("UNKNOWN_TABLE", "UNKNOWN_IDENTIFIER", "UNKNOWN_DATABASE")


def _about_query(error: BaseException) -> str | None:
    text = one_line(str(error))
    if any(name in text for name in _UNMIGRATED):
        return f"{text}; run 'paytide migrate' on this database first"
    return None


CLICKHOUSE: Final[Table] = {
    # Away or overloaded: the landing waits for it.
    exceptions.OperationalError: Advice(BackOff, followed_by("check that ClickHouse runs")),
    exceptions.DatabaseError: Advice(Stop, _about_query),
    # A row that does not fit its table: trying again would not help.
    exceptions.DataError: Advice(Stop, unadvised),
    exceptions.ProgrammingError: Advice(Stop, unadvised),
}
