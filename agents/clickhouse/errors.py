"""What an error of an insert means: ClickHouse is away, it refuses the rows, or it is not set up for them.

By ClickHouse's own names of its errors (``system.errors``), which a test looks up in the engine.
"""

import re
import struct
from enum import Enum, auto
from typing import Final

from clickhouse_connect.driver.exceptions import DataError, Error, ProgrammingError

from agents.clickhouse.client import ClickHouseUnavailable
from agents.errors import Stop


class Verdict(Enum):
    """How to react."""

    AWAY = auto()
    """Wait, for however long: it is not reached, is overloaded, or has lost its disks or replicas."""
    REFUSED = auto()
    """Some of the rows are to blame: find them."""
    UNSURE = auto()
    """ClickHouse answered with an error that may pass: try some times more, then blame the rows."""
    MISFIT = auto()
    """Neither time nor other rows help: stop, and say what to do."""
    OURS = auto()
    """A fault of our own: stop."""


AWAY: Final = frozenset(
    {
        *("TOO_MANY_PARTS", "TOO_MANY_SIMULTANEOUS_QUERIES", "TOO_MANY_MUTATIONS", "SERVER_OVERLOADED"),
        *("MEMORY_LIMIT_EXCEEDED", "MEMORY_RESERVATION_FAILED", "MEMORY_RESERVATION_KILLED"),
        *("MEMORY_RESERVATION_ACQUISITION_TIMEOUT", "QUERY_SLOT_ACQUISITION_TIMEOUT"),
        *("CANNOT_ALLOCATE_MEMORY", "TIMEOUT_EXCEEDED", "QUOTA_EXCEEDED", "NO_FREE_CONNECTION"),
        *("TCP_CONNECTION_LIMIT_REACHED", "HTTP_CONNECTION_LIMIT_REACHED", "SESSION_REFUSED"),
        *("USER_SESSION_LIMIT_EXCEEDED", "RECEIVED_ERROR_TOO_MANY_REQUESTS", "CANNOT_SCHEDULE_TASK"),
        *("QUERY_WAS_CANCELLED", "QUERY_WAS_CANCELLED_BY_CLIENT", "ABORTED", "UNFINISHED"),
        # A replica that has lost its Keeper is read-only until it has found it again; so is a server
        # during a failover.
        *("TABLE_IS_READ_ONLY", "READONLY", "NO_ZOOKEEPER", "KEEPER_EXCEPTION"),
        *("UNEXPECTED_ZOOKEEPER_ERROR", "TOO_FEW_LIVE_REPLICAS", "NO_ACTIVE_REPLICAS"),
        *("UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE", "REPLICA_IS_NOT_IN_QUORUM", "REPLICA_STATUS_CHANGED"),
        *("UNKNOWN_STATUS_OF_INSERT", "ALL_REPLICAS_ARE_STALE", "DATABASE_REPLICATION_FAILED"),
        *("NETWORK_ERROR", "SOCKET_TIMEOUT", "CANNOT_READ_FROM_SOCKET", "CANNOT_WRITE_TO_SOCKET"),
        *("ALL_CONNECTION_TRIES_FAILED", "SHARD_HAS_NO_CONNECTIONS", "DNS_ERROR", "S3_ERROR"),
        *("NOT_ENOUGH_SPACE", "CANNOT_WRITE_TO_FILE_DESCRIPTOR", "CANNOT_OPEN_FILE", "CANNOT_FSYNC"),
        *("ASYNC_LOAD_CANCELED", "ASYNC_LOAD_WAIT_FAILED", "DEADLOCK_AVOIDED"),
    }
)
REFUSED: Final = frozenset(
    {
        *("CANNOT_PARSE_TEXT", "CANNOT_PARSE_INPUT_ASSERTION_FAILED", "CANNOT_PARSE_NUMBER"),
        *("CANNOT_PARSE_DATE", "CANNOT_PARSE_DATETIME", "CANNOT_PARSE_BOOL", "CANNOT_PARSE_UUID"),
        *("TYPE_MISMATCH", "CANNOT_CONVERT_TYPE", "ILLEGAL_COLUMN", "ILLEGAL_TYPE_OF_ARGUMENT"),
        *("ARGUMENT_OUT_OF_BOUND", "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE", "DECIMAL_OVERFLOW"),
        *("TOO_LARGE_ARRAY_SIZE", "TOO_LARGE_STRING_SIZE", "SIZES_OF_ARRAYS_DONT_MATCH"),
        *("CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN", "UNKNOWN_ELEMENT_OF_ENUM", "VIOLATED_CONSTRAINT"),
    }
)
_MIGRATE: Final = "run 'paytide migrate' on this database"
_LOGIN: Final = "check user and password in PAYTIDE_CLICKHOUSE_DSN"
_GRANT: Final = "grant the landing's user SELECT, SHOW COLUMNS and INSERT on its database"
ADVICE: Final = {
    **dict.fromkeys(
        (
            *("UNKNOWN_TABLE", "UNKNOWN_DATABASE", "NO_SUCH_COLUMN_IN_TABLE", "UNKNOWN_IDENTIFIER"),
            *("THERE_IS_NO_COLUMN", "NOT_FOUND_COLUMN_IN_BLOCK"),
        ),
        _MIGRATE,
    ),
    **dict.fromkeys(
        (
            *("AUTHENTICATION_FAILED", "UNKNOWN_USER", "WRONG_PASSWORD", "REQUIRED_PASSWORD"),
            "IP_ADDRESS_NOT_ALLOWED",
        ),
        _LOGIN,
    ),
    **dict.fromkeys(("ACCESS_DENIED", "DATABASE_ACCESS_DENIED"), _GRANT),
    **dict.fromkeys(
        ("UNKNOWN_SETTING", "SETTING_CONSTRAINT_VIOLATION"),
        "allow the landing's user the settings async_insert and wait_for_async_insert",
    ),
    "TABLE_IS_PERMANENTLY_READ_ONLY": "the table cannot be written to as it is made",
}
# Two different things have this name: parts that wait for merges, and years in one insert.
_TOO_MANY_PARTITIONS: Final = "partitions for single INSERT"
# What the driver raises for a value that its column does not hold, before anything is stored.
_VALUES: Final = (
    *(DataError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError, struct.error),
)
_COLUMN: Final = re.compile(r"\bcolumn(?: name)?:? [`'](\w+)[`']")


class ClickHouseMisfit(Stop):
    """ClickHouse is there and takes nothing until somebody sets it up; the message says how."""


def verdict(error: Exception) -> Verdict:
    """What an error of connecting or inserting means."""
    if isinstance(error, ClickHouseUnavailable):
        return _of_connecting(error.__cause__)
    if isinstance(error, _VALUES):
        return Verdict.REFUSED
    if isinstance(error, ProgrammingError):
        return Verdict.MISFIT  # the driver's own: a column that is not there
    if isinstance(error, Error):
        return Verdict.AWAY if error.code is None else _of_answer(error)
    return Verdict.AWAY if isinstance(error, OSError) else Verdict.OURS


def misfit(error: Exception) -> ClickHouseMisfit:
    """An error that only a person can mend, with what to do."""
    known = error.__cause__ if isinstance(error, ClickHouseUnavailable) else error
    advice = ADVICE.get(getattr(known, "name", None) or "", _MIGRATE)
    if isinstance(error, ClickHouseUnavailable) and not isinstance(known, Error):
        return ClickHouseMisfit(str(error))
    return ClickHouseMisfit(f"{str(error).rstrip('.')}; {advice}")


def detail_of(error: Exception) -> str:
    """Why a row was refused, without its values: what ClickHouse and the driver say may hold them."""
    name = (isinstance(error, Error) and error.name) or type(error).__name__
    column = _COLUMN.search(str(error))
    return f"{name}, column {column[1]}" if column else name


def _of_connecting(cause: BaseException | None) -> Verdict:
    if isinstance(cause, ValueError):
        return Verdict.MISFIT  # a DSN that names no place
    if isinstance(cause, Error) and cause.code is not None:
        found = _of_answer(cause)
        return Verdict.UNSURE if found is Verdict.REFUSED else found
    return Verdict.AWAY


def _of_answer(error: Error) -> Verdict:
    name = error.name or ""
    if name in REFUSED or _TOO_MANY_PARTITIONS in str(error):
        return Verdict.REFUSED
    if name in AWAY:
        return Verdict.AWAY
    return Verdict.MISFIT if name in ADVICE else Verdict.UNSURE
