"""The front is a ClickHouse server to the real driver, and its faults are those of a real outage."""

import contextlib
import socket
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, DataError, OperationalError

from agents.clickhouse import migrate, report
from agents.clickhouse.client import ClickHouseUnavailable, connect
from agents.clickhouse.errors import Verdict, verdict
from agents.clickhouse.inserting import Inserter
from agents.clickhouse.writer import insert
from streams.landing.rows import COLUMNS
from tests.clickhouse_http.client import Front

pytestmark = pytest.mark.broker

AT = datetime(2026, 1, 6, 2, 0, 0, 1, tzinfo=UTC)
CREATE = "CREATE TABLE one (id String, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY id"
LONG = 60.0
"""Seconds of a fault that a test ends itself."""


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with Front(tmp_path_factory.mktemp("front") / "clickhouse") as running:
        yield running


@pytest.fixture
def client(front: Front) -> Iterator[Client]:
    """A client of a server without a fault, its tables dropped but one, ``one``, which is empty."""
    with contextlib.suppress(ConnectionRefusedError):
        front.fault("ok", 0)  # where a failed test left one
    front.wait_ok()
    connected = connect(front.dsn)
    tables = connected.query("SELECT name FROM system.tables WHERE database = currentDatabase()").result_rows
    for (name,) in tables:
        connected.command(f"DROP TABLE IF EXISTS `{name}` SYNC")
    connected.command(CREATE)
    yield connected
    connected.close()


def put(client: Client, key: str = "a", version: int = 1) -> None:
    insert(client, "one", ["id", "version"], [(key, version)])


def stored(client: Client) -> tuple[int, int]:
    """Rows that are there, and those that count."""
    [(rows,)] = client.query("SELECT count() FROM one").result_rows
    [(final,)] = client.query("SELECT count() FROM one FINAL").result_rows
    return rows, final


def cycle(account: str, pay: int) -> tuple[object, ...]:
    values = {
        **{"account_id": account, "cycle_payday": date(2026, 1, 5), "employer_id": "acme", "segment": "mass"},
        **{"payroll_source": "employed", "currency": "CNY", "pay": pay, "moved_out": 0, "spent": 0},
        **{"invested": 0, "returned": 0, "retained": ["1.000000", None], "balance": [None, 10**18]},
        **{"class": "loyal", "truncated": False, "flags": ["b", "a"], "habitual_out": 0, "closed_at": AT},
        **{"fact_id": "f", "playbook_name": "default", "playbook_version": 1, "version": 7},
    }
    return tuple(values[name] for name in COLUMNS["account_cycle"])


def test_migrations_apply_once(client: Client) -> None:
    shipped = [migration.name for migration in migrate.read()]
    assert migrate.apply(client) == shipped
    assert migrate.apply(client) == []


def test_a_round_trip_of_every_kind_of_value(client: Client) -> None:
    migrate.apply(client)
    rows = [cycle("a", 9 * 10**18), cycle("b", 9 * 10**18)]
    assert insert(client, "account_cycle", COLUMNS["account_cycle"], rows) == 2
    sql = "SELECT cycle_payday, closed_at, retained, balance, flags, truncated FROM account_cycle FINAL"
    sql += " WHERE account_id = {account:String} AND closed_at = {at:DateTime64(6, 'UTC')}"
    [(payday, closed_at, *rest)] = client.query(sql, parameters={"account": "a", "at_64": AT}).result_rows
    assert payday == date(2026, 1, 5)
    assert closed_at.replace(tzinfo=UTC) == AT
    assert rest == [[Decimal(1), None], [None, 10**18], ["b", "a"], False]
    [acme] = report.employer_ranking(client, limit=5)  # a view whose sum is an Int128
    assert (acme.employer_id, acme.pay, acme.retention_rate) == ("acme", 18 * 10**18, 1.0)


@pytest.mark.parametrize("compress", ["lz4", "zstd", "gzip", "false"])
def test_a_long_insert_however_it_is_compressed(client: Client, front: Front, compress: str) -> None:
    with clickhouse_connect.get_client(dsn=f"{front.dsn}?compress={compress}") as other:
        # Words that end a statement, several blocks, and more than a socket takes at once.
        rows = [(f"{n};\n\n'INSERT INTO x FORMAT Native\n" + "x" * 40, n) for n in range(150_000)]
        summary = other.insert("one", rows, column_names=["id", "version"])
    assert summary.written_rows == 150_000
    [(rows_, versions, ids)] = client.query(
        "SELECT count(), sum(version), uniqExact(id) FROM one"
    ).result_rows
    assert (rows_, versions, ids) == (150_000, 149_999 * 75_000, 150_000)


def test_settings_are_those_of_the_request(client: Client, front: Front) -> None:
    sql = "SELECT getSetting('async_insert'), getSetting('max_block_size')"
    assert client.query(sql, settings={"max_block_size": 77}).result_rows == [(False, 77)]
    assert client.query(sql).result_rows[0][1] != 77
    with clickhouse_connect.get_client(dsn=front.dsn) as other:
        assert other.query(sql).result_rows[0][0] is True


def test_an_error_of_the_engine_keeps_its_number(client: Client) -> None:
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE") as caught:
        client.query("SELECT 1 FROM nowhere")
    assert caught.value.code == 60


def test_a_value_that_does_not_fit_stores_nothing(client: Client) -> None:
    with pytest.raises(DataError, match="column `version`"):
        insert(client, "one", ["id", "version"], [("a", 1), ("b", "not a number")])
    assert stored(client) == (0, 0)


def test_over_http_too_what_is_refused_is_found_and_the_rest_is_stored(client: Client, front: Front) -> None:
    migrate.apply(client)
    rows = [cycle(f"{number:02}", pay) for number, pay in enumerate([1, 2**127, 13, 2**126])]
    inserter = Inserter(front.dsn)
    assert inserter.insert({"account_cycle": rows}) == [("account_cycle", rows[1], "OverflowError")]
    inserter.close()
    sql = "SELECT account_id, pay FROM account_cycle FINAL ORDER BY account_id"
    assert client.query(sql).result_rows == [("00", 1), ("02", 13), ("03", 2**126)]


@pytest.mark.parametrize("mode", ["error", "cut"])
def test_an_outage_blames_no_row(client: Client, front: Front, mode: str) -> None:
    migrate.apply(client)
    inserter = Inserter(front.dsn)
    assert inserter.insert({"account_cycle": [cycle("a", 1)]}) == []
    front.fault(mode, LONG)
    with pytest.raises(DatabaseError) as caught:
        inserter.insert({"account_cycle": [cycle("b", 1), cycle("c", 1)]}, blame_rows=True)
    assert verdict(caught.value) is Verdict.AWAY
    front.fault("ok", 0)
    inserter.close()


def test_refuse_is_a_refused_connection_and_ends_by_itself(client: Client, front: Front) -> None:
    front.fault("refuse", 2.5)
    began = time.monotonic()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", front.port), timeout=1)
    with pytest.raises(OperationalError, match="refused"):
        put(client)  # over a connection that was open before
    with pytest.raises(ClickHouseUnavailable, match="refused"):
        connect(front.dsn)
    assert time.monotonic() - began < 2.5, "too slow a machine to tell a refusal from its end"
    front.wait_ok()
    assert time.monotonic() - began >= 2.4
    put(client)
    assert stored(client) == (1, 1)


def test_hang_is_a_time_out_and_the_insert_may_come_later(client: Client, front: Front) -> None:
    impatient = connect(f"{front.dsn}?send_receive_timeout=1")
    put(impatient, "before")
    front.fault("hang", LONG)
    began = time.monotonic()
    # Against a server that hangs, the insert does not get beyond asking for the columns.
    with pytest.raises(OperationalError, match="timed out"):
        put(impatient)
    assert 0.9 < time.monotonic() - began < 10
    # Those who know them do: nobody hears of that insert again, and then it is there.
    with pytest.raises(OperationalError, match="timed out"):
        impatient.raw_insert("one", ["id", "version"], b"late\t1\n", fmt="TabSeparated")
    assert front.hits["hang"] >= 2
    front.fault("ok", 0)
    deadline = time.monotonic() + 10
    while stored(client) == (1, 1) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert client.query("SELECT id FROM one FINAL ORDER BY id").result_rows == [("before",), ("late",)]


def test_error_is_a_500_with_a_number(client: Client, front: Front) -> None:
    front.fault("error", LONG)
    with pytest.raises(DatabaseError, match="MEMORY_LIMIT_EXCEEDED") as caught:
        put(client)
    assert caught.value.code == 241
    with pytest.raises(ClickHouseUnavailable, match="code: 241"):
        connect(front.dsn)
    front.fault("ok", 0)
    assert stored(client) == (0, 0)


def test_slow_is_slow(client: Client, front: Front) -> None:
    front.fault("slow", LONG)
    began = time.monotonic()
    client.command("SELECT 1")
    assert time.monotonic() - began >= 0.5
    front.fault("ok", 0)


def test_an_insert_cut_within_its_body_is_not_stored_and_then_once(client: Client, front: Front) -> None:
    before = front.hits.get("cut", 0)
    front.fault("cut", LONG)
    with pytest.raises(OperationalError, match=r"reset|aborted|closed"):
        put(client)
    assert front.hits["cut"] == before + 2, "the driver itself tries a cut insert twice"
    assert stored(client) == (0, 0)  # and queries are not cut
    front.fault("ok", 0)
    put(client)
    assert stored(client) == (1, 1)


def test_a_long_insert_cut_within_its_body_is_not_stored(client: Client, front: Front) -> None:
    front.fault("cut", LONG)
    rows = [(f"{n:060}", n) for n in range(200_000)]
    with (
        clickhouse_connect.get_client(dsn=f"{front.dsn}?compress=false") as other,
        pytest.raises(OperationalError),
    ):
        insert(other, "one", ["id", "version"], rows)
    front.fault("ok", 0)
    assert stored(client) == (0, 0)
    insert(client, "one", ["id", "version"], rows)
    assert stored(client) == (200_000, 200_000)


def test_an_insert_cut_before_its_answer_is_stored_and_counts_once(client: Client, front: Front) -> None:
    client.command("SYSTEM STOP MERGES one")
    front.fault("cut-after", LONG)
    with pytest.raises(OperationalError, match=r"reset|aborted|closed"):
        put(client)
    assert stored(client) == (2, 1), "stored at both of the driver's own attempts"
    front.fault("ok", 0)
    put(client)
    assert stored(client) == (3, 1)


def test_a_short_cut_is_healed_by_the_driver(client: Client, front: Front) -> None:
    before = front.hits.get("cut", 0)
    for _ in range(20):  # until the insert comes within so short a time
        front.fault("cut", 0.08)  # the driver tries again after a tenth of a second
        put(client)
        if front.hits.get("cut", 0) > before:
            break
    else:
        pytest.fail("no insert was cut: nothing was tested")
    assert stored(client)[1] == 1


def test_a_killed_front_starts_again_on_its_data(tmp_path: Path) -> None:
    with Front(tmp_path / "clickhouse") as front:
        client = connect(front.dsn)
        client.command(CREATE)
        put(client)
        front.kill()
        with pytest.raises(OperationalError, match="refused"):
            put(client, "b")
        front.start()
        put(client, "b")
        assert stored(client) == (2, 2)


def test_a_mode_that_is_none_is_refused(front: Front) -> None:
    with pytest.raises(ValueError, match="none of ok, refuse"):
        front.fault("explode", 1)
