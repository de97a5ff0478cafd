"""What an error of ClickHouse means, as its engine, its driver and its servers say it."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import (
    DatabaseError,
    DataError,
    OperationalError,
    ProgrammingError,
)

from agents.clickhouse.client import ClickHouseUnavailable, connect
from agents.clickhouse.errors import ADVICE, AWAY, REFUSED, Verdict, detail_of, misfit, verdict

TOO_MANY_YEARS = "Too many partitions for single INSERT block (more than 100). (TOO_MANY_PARTS)"
MERGES_LAG = "Too many parts (300) in table. Merges are processing significantly slower. (TOO_MANY_PARTS)"


def answer(name: str, text: str = "", code: int = 1) -> DatabaseError:
    """An error as ClickHouse answers it."""
    return DatabaseError(f"Code: {code}. DB::Exception: {text} ({name})", code=code, name=name)


def unavailable(cause: Exception) -> ClickHouseUnavailable:
    """What ``connect`` raises for a cause."""
    try:
        raise ClickHouseUnavailable(f"ClickHouse at x cannot be used: {cause}.") from cause
    except ClickHouseUnavailable as error:
        return error


def test_every_name_is_one_of_clickhouse(engine: Client) -> None:
    sql = "SELECT DISTINCT name FROM system.errors SETTINGS system_events_show_zero_values = 1"
    known = {name for (name,) in engine.query(sql).result_rows}
    assert (AWAY | REFUSED | ADVICE.keys()) - known == set()


def test_a_name_means_one_thing() -> None:
    assert AWAY & REFUSED | AWAY & ADVICE.keys() | REFUSED & ADVICE.keys() == set()


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (answer("TOO_MANY_PARTS", TOO_MANY_YEARS), Verdict.REFUSED),
        (answer("TOO_MANY_PARTS", MERGES_LAG), Verdict.AWAY),
        (answer("MEMORY_LIMIT_EXCEEDED"), Verdict.AWAY),
        (answer("TABLE_IS_READ_ONLY"), Verdict.AWAY),
        (answer("VIOLATED_CONSTRAINT"), Verdict.REFUSED),
        (answer("UNKNOWN_TABLE"), Verdict.MISFIT),
        (answer("A_NAME_OF_A_LATER_RELEASE"), Verdict.UNSURE),
        (DatabaseError("Code: 7", code=7), Verdict.UNSURE),
        (DatabaseError("HTTP driver received HTTP status 502"), Verdict.AWAY),
        (OperationalError("Error executing HTTP request: connection refused"), Verdict.AWAY),
        (TimeoutError(), Verdict.AWAY),
        (ConnectionResetError(), Verdict.AWAY),
        (DataError("Unable to create native array for column `pay`"), Verdict.REFUSED),
        (AttributeError("'int' object has no attribute 'encode'"), Verdict.REFUSED),
        (ProgrammingError("Unrecognized column 'x' in table t"), Verdict.MISFIT),
        (RuntimeError("a fault of ours"), Verdict.OURS),
        (unavailable(answer("AUTHENTICATION_FAILED")), Verdict.MISFIT),
        (unavailable(OperationalError("refused")), Verdict.AWAY),
        (unavailable(ProgrammingError("the folder is locked by another process")), Verdict.AWAY),
        (unavailable(ValueError("the scheme is none of …")), Verdict.MISFIT),
        (unavailable(answer("TYPE_MISMATCH")), Verdict.UNSURE),
    ],
    ids=str,
)
def test_what_an_error_means(error: Exception, meaning: Verdict) -> None:
    assert verdict(error) is meaning


def error_of(act: Callable[[], object]) -> Exception:
    try:
        act()
    except Exception as error:
        return error
    raise AssertionError("it went well")


def test_the_engines_own_errors(client: Client, tmp_path: Path) -> None:
    client.command(
        "CREATE TABLE t (a Int64, CONSTRAINT c CHECK a > 0) ENGINE = MergeTree PARTITION BY a ORDER BY a"
    )

    def insert(table: str, column: str, *values: object) -> Callable[[], object]:
        return lambda: client.insert(table, [(value,) for value in values], column_names=[column])

    years = error_of(insert("t", "a", *range(1, 102)))
    assert (verdict(years), detail_of(years)) == (Verdict.REFUSED, "TOO_MANY_PARTS")
    wide = error_of(insert("t", "a", 2**64))
    assert (verdict(wide), detail_of(wide)) == (Verdict.REFUSED, "DataError, column a")
    constraint = error_of(insert("t", "a", -77))
    assert (verdict(constraint), detail_of(constraint)) == (Verdict.REFUSED, "VIOLATED_CONSTRAINT")
    for missing in (insert("nowhere", "a", 1), insert("t", "b", 1)):
        error = error_of(missing)
        assert verdict(error) is Verdict.MISFIT
        assert "run 'paytide migrate'" in str(misfit(error))
    second = error_of(lambda: connect(f"chdb://{tmp_path}"))
    assert verdict(second) is Verdict.AWAY, "another folder is open in this process: it may be closed"


def test_nobody_there_is_away() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert verdict(error_of(lambda: connect(f"http://127.0.0.1:{port}"))) is Verdict.AWAY


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (answer("UNKNOWN_TABLE"), "run 'paytide migrate'"),
        (unavailable(answer("AUTHENTICATION_FAILED")), "check user and password in PAYTIDE_CLICKHOUSE_DSN"),
        (answer("ACCESS_DENIED"), "grant the landing's user"),
        (unavailable(ValueError("the scheme")), "the scheme"),
    ],
    ids=str,
)
def test_a_misfit_says_what_to_do(error: Exception, advice: str) -> None:
    assert advice in str(misfit(error))


def test_a_detail_never_holds_a_value() -> None:
    said = "Constraint `c` for table default.t is violated at row 1. Column values: account_id = 'secret'"
    assert detail_of(answer("VIOLATED_CONSTRAINT", said)) == "VIOLATED_CONSTRAINT"
    assert detail_of(ValueError("invalid literal for int(): 'secret'")) == "ValueError"
