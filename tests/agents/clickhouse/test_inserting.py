"""Inserting into the engine: all it can take is stored, what it refuses is found, row by row."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from agents.clickhouse import inserting, migrate
from agents.clickhouse.errors import ClickHouseMisfit
from agents.clickhouse.inserting import Inserter
from schemas.topics import FACTS
from streams.landing.batch import Refused, Values
from streams.landing.rows import COLUMNS, rows_of
from tests.streams.landing.landed_words import EMPLOYER_PAYDAY, published

PAY = COLUMNS["account_cycle"].index("pay")


@pytest.fixture
def inserter(client: Client, engine_dsn: str) -> Iterator[Inserter]:
    """On the engine of ``client``, the tables made."""
    migrate.apply(client)
    inserter = Inserter(engine_dsn)
    yield inserter
    inserter.close()


def cycle(account: str, year: int = 2026, **fields: object) -> Values:
    values = {
        **{"account_id": account, "cycle_payday": date(year, 1, 5), "employer_id": "acme", "segment": "mass"},
        **{"payroll_source": "employed", "currency": "CNY", "pay": 1000, "moved_out": 0, "spent": 0},
        **{"invested": 0, "returned": 0, "retained": ["1.000000"], "balance": [1], "class": "loyal"},
        **{"truncated": False, "flags": [], "habitual_out": 0, "closed_at": 0, "fact_id": "f"},
        **{"playbook_name": "default", "playbook_version": 1, "version": 7, **fields},
    }
    return tuple(values[name] for name in COLUMNS["account_cycle"])


def accounts(client: Client) -> list[str]:
    rows = client.query("SELECT account_id FROM account_cycle FINAL ORDER BY account_id").result_rows
    return [account for (account,) in rows]


def test_101_years_of_paydays_land_in_one_call(client: Client, inserter: Inserter) -> None:
    rows = [cycle(f"{year}", year) for year in range(1950, 2051)]
    assert inserter.insert({"account_cycle": rows}) == []
    assert accounts(client) == [str(year) for year in range(1950, 2051)]


def test_a_payday_of_an_employer_holds_as_it_was_last_known_with_sums_beyond_64_bits(
    client: Client, inserter: Inserter
) -> None:
    known = [EMPLOYER_PAYDAY, EMPLOYER_PAYDAY.model_copy(update={"heads": 4})]
    rows = [
        row.values for offset, fact in enumerate(known) for row in rows_of(FACTS, published(fact, offset))
    ]
    assert inserter.insert({"employer_payday": rows}) == []
    found = client.query("SELECT heads, pay, retention FROM employer_payday FINAL").result_rows
    assert found == [(4, EMPLOYER_PAYDAY.pay, Decimal("0.1"))]


def test_a_server_that_allows_fewer_partitions_still_gets_them_all(
    client: Client, inserter: Inserter
) -> None:
    inserter.insert({})
    inserter._client.set_client_setting("max_partitions_per_insert_block", 7)
    rows = [cycle(f"{year}", year) for year in range(1950, 1965)]
    assert inserter.insert({"account_cycle": rows}) == []
    assert accounts(client) == [str(year) for year in range(1950, 1965)]


def test_what_is_refused_is_found_and_the_rest_is_stored_also_when_repeated(
    client: Client, inserter: Inserter
) -> None:
    client.command("ALTER TABLE account_cycle ADD CONSTRAINT not_13 CHECK pay != 13")
    rows = [cycle(f"{number:03}") for number in range(200)]
    rows[3] = cycle("003", pay=2**127)
    rows[50] = cycle("050", pay=13)
    rows[199] = cycle("199", playbook_version=-1)
    wanted = [
        ("account_cycle", rows[3], "OverflowError"),
        ("account_cycle", rows[50], "VIOLATED_CONSTRAINT"),
        ("account_cycle", rows[199], "DataError, column playbook_version"),
    ]
    for _ in range(2):
        assert inserter.insert({"account_cycle": rows}) == wanted
        assert accounts(client) == [f"{number:03}" for number in range(200) if number not in (3, 50, 199)]


def test_a_sum_of_any_number_of_legal_amounts_is_stored_as_it_is(client: Client, inserter: Inserter) -> None:
    wide = 10**15 * 10**22
    assert inserter.insert({"account_cycle": [cycle("a", pay=wide, spent=-wide, habitual_out=wide)]}) == []
    sql = "SELECT pay, spent, habitual_out FROM account_cycle FINAL"
    assert client.query(sql).result_rows == [(wide, -wide, wide)]


def test_when_too_much_is_refused_it_is_not_the_rows(
    client: Client, inserter: Inserter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inserting, "MOST_REFUSED", 10)
    client.command("ALTER TABLE account_cycle ADD CONSTRAINT none CHECK pay < 0")
    rows = [cycle(f"{number}") for number in range(11)]
    with pytest.raises(
        ClickHouseMisfit, match=r"account_cycle \(VIOLATED_CONSTRAINT\).*paytide migrate"
    ) as caught:
        inserter.insert({"account_cycle": rows})
    assert caught.value.__suppress_context__, "the cause may hold values"
    assert len(inserter.insert({"account_cycle": rows[1:]})) == 10


def test_an_answer_that_may_pass_blames_the_rows_only_when_asked_to(
    client: Client, inserter: Inserter, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = inserting.insert

    def picky(client: Client, table: str, columns: tuple[str, ...], rows: list[Values]) -> int:
        if any(row[PAY] == 13 for row in rows):
            raise DatabaseError("Code: 9999. (LATER)", code=9999, name="LATER")
        return insert(client, table, columns, rows)

    monkeypatch.setattr(inserting, "insert", picky)
    rows = [cycle("a"), cycle("b", pay=13), cycle("c")]
    with pytest.raises(DatabaseError, match="LATER"):
        inserter.insert({"account_cycle": rows})
    refused = inserter.insert({"account_cycle": rows}, blame_rows=True)
    assert refused == [Refused("account_cycle", rows[1], "LATER")]
    assert accounts(client) == ["a", "c"]


def test_a_table_that_is_missing_is_said(client: Client, engine_dsn: str) -> None:
    with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
        Inserter(engine_dsn).insert({"account_cycle": [cycle("a")]})
