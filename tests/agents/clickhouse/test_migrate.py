"""Migrations: each once, in order, never silently changed."""

from pathlib import Path
from shutil import copy

import pytest
from clickhouse_connect.driver.client import Client

from agents.clickhouse import migrate
from agents.clickhouse.client import ClickHouseUnavailable, connect
from agents.clickhouse.migrate import MigrationError
from streams.landing.rows import COLUMNS, PARTITIONED

SHIPPED = [migration.name for migration in migrate.read()]


def tables(client: Client) -> set[str]:
    rows = client.query("SELECT name FROM system.tables WHERE database = currentDatabase()").result_rows
    return {name for (name,) in rows}


def test_a_dry_run_names_them_and_writes_nothing(client: Client) -> None:
    assert migrate.apply(client, dry_run=True) == SHIPPED
    assert tables(client) == set()


def test_applied_once(client: Client) -> None:
    assert migrate.apply(client) == SHIPPED
    assert migrate.pending(client) == []
    assert migrate.apply(client) == []
    assert tables(client) >= COLUMNS.keys() | {"decision", "reward", "task_funnel", "schema_migration"}


def test_every_shipped_statement_bears_repeating(client: Client) -> None:
    migrate.apply(client)
    client.command("TRUNCATE TABLE schema_migration")
    assert migrate.apply(client) == SHIPPED


def test_the_landed_columns_are_those_of_the_tables(client: Client) -> None:
    migrate.apply(client)
    for table, columns in COLUMNS.items():
        described = client.query(f"DESCRIBE TABLE {table}").result_rows
        assert {row[0] for row in described} == set(columns), table


def test_inserts_are_split_by_what_partitions_the_tables(client: Client) -> None:
    migrate.apply(client)
    sql = "SELECT name, partition_key FROM system.tables WHERE database = currentDatabase() AND partition_key != ''"
    assert dict(client.query(sql).result_rows) == {
        table: f"toYear({column})" for table, column in PARTITIONED.items()
    }


def test_the_sums_of_a_cycle_outlive_64_bits_on_tables_that_hold_rows(client: Client, tmp_path: Path) -> None:
    for name in SHIPPED[:2]:
        copy(migrate.FOLDER / name, tmp_path)
    migrate.apply(client, folder=tmp_path)
    client.command("INSERT INTO account_cycle (account_id, pay, spent) VALUES ('a', 9223372036854775807, -1)")
    assert "0004_wide_sums_and_set_aside.sql" in migrate.apply(client)
    sql = "SELECT pay, spent, toTypeName(pay), toTypeName(habitual_out) FROM account_cycle FINAL"
    assert client.query(sql).result_rows == [(2**63 - 1, -1, "Int128", "Int128")]


def test_a_changed_migration_is_refused(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "0001_one.sql"
    file.write_text("CREATE TABLE IF NOT EXISTS one (a Int64) ENGINE = MergeTree ORDER BY a;")
    assert migrate.apply(client, folder=tmp_path) == ["0001_one.sql"]
    file.write_text("CREATE TABLE IF NOT EXISTS one (b Int64) ENGINE = MergeTree ORDER BY b;")
    with pytest.raises(MigrationError, match=r"0001_one\.sql was changed .* new migration"):
        migrate.apply(client, folder=tmp_path)


def test_only_the_new_one_is_applied(client: Client, tmp_path: Path) -> None:
    create = "CREATE TABLE IF NOT EXISTS {0} (a String) ENGINE = MergeTree ORDER BY a;\n"
    (tmp_path / "0001_one.sql").write_text("-- a comment; with a semicolon\n" + create.format("one"))
    migrate.apply(client, folder=tmp_path)
    (tmp_path / "0002_two.sql").write_text(create.format("two") + "INSERT INTO two VALUES ('a;b');\n")
    assert migrate.apply(client, folder=tmp_path) == ["0002_two.sql"]
    assert client.query("SELECT a FROM two").result_rows == [("a;b",)]


def test_an_older_release_runs_on_a_newer_database(
    client: Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "0001_one.sql").write_text("SELECT 1;")
    newer = tmp_path / "0002_two.sql"
    newer.write_text("SELECT 2;")
    migrate.apply(client, folder=tmp_path)
    newer.unlink()
    assert migrate.apply(client, folder=tmp_path) == []
    assert "newer than this release: it also has 0002_two.sql" in caplog.text


def test_a_folder_without_migrations_is_named(client: Client, tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match=r"0001_tables\.sql; found none"):
        migrate.apply(client, folder=tmp_path)


def test_inserts_are_synchronous(client: Client) -> None:
    sql = "SELECT getSetting('async_insert'), getSetting('wait_for_async_insert')"
    assert client.query(sql).result_rows == [(False, True)]


@pytest.mark.parametrize(
    "dsn", ["http://user:pa55@127.0.0.1:9/db", "clickhouse://user:pa55@127.0.0.1:9", "redis://x:pa55@y"]
)
def test_a_failure_to_connect_says_what_to_check_without_the_password(dsn: str) -> None:
    with pytest.raises(ClickHouseUnavailable, match="Check PAYTIDE_CLICKHOUSE_DSN") as caught:
        connect(dsn)
    assert "pa55" not in str(caught.value)


def test_one_folder_at_a_time(client: Client, tmp_path: Path) -> None:
    with pytest.raises(ClickHouseUnavailable, match="no other process"):
        connect(f"chdb://{tmp_path}")
