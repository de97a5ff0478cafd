"""``paytide curve``: from an events file, and from ClickHouse."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from agents.clickhouse.client import connect
from agents.clickhouse.writer import insert
from schemas.events import PayrollCredit, Transfer
from schemas.topics import FACTS, PAYROLL_CREDITS, TRANSFERS
from streams.landing.batch import Batch
from streams.landing.landed import Incoming
from streams.landing.rows import COLUMNS, rows_of

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"
ACCOUNT, EMPLOYER = "A-100234", "E-0042"


def example(word: str) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((EXAMPLES / f"{word}.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """One cycle of the account, and a later credit of another one that moves the clock past its close."""
    credit, transfer = example("payroll_credit"), example("transfer")
    later = {**credit, "account_id": "other", "event_id": "later", "occurred_at": "2026-02-05T09:00:00+08:00"}
    rows = [(PAYROLL_CREDITS, credit), (TRANSFERS, transfer), (PAYROLL_CREDITS, later)]
    PayrollCredit.model_validate_json(json.dumps(credit))
    Transfer.model_validate_json(json.dumps(transfer))
    file = tmp_path / "events.jsonl"
    lines = (json.dumps({"topic": topic, "key": one["account_id"], "value": one}) for topic, one in rows)
    file.write_text("\n".join(lines) + "\n")
    return file


def test_the_curve_of_an_account_from_a_file(paytide: Callable[..., Result], events: Path) -> None:
    shown = paytide("curve", ACCOUNT, "--events", events)
    assert shown.exit_code == 0, shown.output
    assert f"Retention of account {ACCOUNT}" in shown.stdout
    assert "kept % 100  100   60" in shown.stdout
    assert "1 cycle on day 0, 1 on day 7" in shown.stdout


def test_account_and_employer_are_two_charts(paytide: Callable[..., Result], events: Path) -> None:
    shown = paytide("curve", ACCOUNT, "--employer", EMPLOYER, "--events", events)
    assert shown.stdout.index(f"account {ACCOUNT}") < shown.stdout.index(f"employer {EMPLOYER}")


def test_an_employer_alone(paytide: Callable[..., Result], events: Path) -> None:
    shown = paytide("curve", "--employer", EMPLOYER, "--events", events)
    assert shown.exit_code == 0
    assert "account" not in shown.stdout


def test_one_payday(paytide: Callable[..., Result], events: Path) -> None:
    assert paytide("curve", ACCOUNT, "--payday", "2026-01-05", "--events", events).exit_code == 0
    other = paytide("curve", ACCOUNT, "--payday", "2026-01-06", "--events", events)
    assert other.exit_code == 2
    told = f"paytide: there is no curve of account {ACCOUNT}, payday 2026-01-06: "
    assert other.stderr.lstrip().startswith(told)


def test_nobody_and_nothing(paytide: Callable[..., Result], events: Path) -> None:
    assert paytide("curve", "nobody", "--events", events).stderr.lstrip().startswith("paytide: there is no")
    assert "give an ACCOUNT" in paytide("curve").stderr


def test_a_bad_playbook_names_what_is_wrong(
    paytide: Callable[..., Result], events: Path, tmp_path: Path
) -> None:
    book = tmp_path / "book.yaml"
    book.write_text("flags:\n  min_amount: -1\n")
    shown = paytide("curve", ACCOUNT, "--events", events, "--playbook", book)
    assert shown.exit_code == 2
    assert shown.stderr.startswith(f"paytide: {book}: flags.min_amount: ")
    assert shown.stderr.count("\n") == 1


def test_clickhouse_that_is_not_there(paytide: Callable[..., Result]) -> None:
    shown = paytide("curve", ACCOUNT, "--dsn", "http://somebody:secret@127.0.0.1:1/db")
    assert shown.exit_code == 2
    assert shown.stderr.startswith("paytide: ClickHouse at 127.0.0.1:1/db cannot be used")
    assert "secret" not in shown.stderr
    assert shown.stderr.count("\n") == 1


@pytest.mark.broker
def test_migrate_then_the_curve_from_clickhouse(paytide: Callable[..., Result], tmp_path: Path) -> None:
    dsn = f"chdb://{tmp_path / 'clickhouse'}"
    unready = paytide("curve", ACCOUNT, "--dsn", dsn)
    assert unready.exit_code == 2
    assert "run 'paytide migrate'" in unready.stderr

    planned = paytide("migrate", "--dry-run", "--dsn", dsn)
    assert planned.exit_code == 0, planned.output
    assert "to apply: 0001_tables.sql" in planned.stdout
    assert "applied: 0001_tables.sql" in paytide("migrate", "--dsn", dsn).stdout
    assert paytide("migrate", "--dsn", dsn).stdout == "up to date, nothing to apply\n"
    assert paytide("curve", ACCOUNT, "--dsn", dsn).exit_code == 2

    client = connect(dsn)
    for offset in (1, 2):  # landed twice counts once
        fact = Incoming(json.dumps(example("curve_point")).encode(), 0, offset, 1_700_000_000_000)
        batch = Batch()
        batch.add(FACTS, fact, rows_of(FACTS, fact))
        for table, rows in batch.tables.items():
            insert(client, table, COLUMNS[table], rows)
    client.close()
    shown = paytide("curve", ACCOUNT, "--employer", EMPLOYER, "--dsn", dsn)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.count("kept % 100   96   56") == 2
    assert shown.stdout.count("1 cycle on day 0, 1 on day 7") == 2
    assert paytide("curve", ACCOUNT, "--payday", "2026-01-05", "--dsn", dsn).exit_code == 0
    assert paytide("curve", ACCOUNT, "--payday", "2026-01-06", "--dsn", dsn).exit_code == 2
