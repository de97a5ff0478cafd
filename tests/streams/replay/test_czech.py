import csv
import json
import lzma
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from schemas.events import PayrollCredit, Transfer
from schemas.topics import PAYROLL_CREDITS, TRANSFERS
from streams.replay.czech import lines

DATA = Path(__file__).parents[3] / "deploy" / "data" / "czech-bank.csv.xz"
NO_ROW = {
    "trans_id": "7",
    "account_id": "12",
    "date": "950705",
    "type": "withdrawal",
    "operation": "remittance to another bank",
    "amount": "1234.50",
    "balance": "-10.29",
    "k_symbol": "",
    "bank": "YZ",
    "account": "777",
}
WAGES = {"type": "credit", "operation": "collection from another bank"}


def row(**fields: str) -> dict[str, str]:
    return NO_ROW | fields


def value(**fields: str) -> dict[str, Any]:
    (line,) = lines([row(**fields)])
    return dict(line["value"])


@pytest.fixture(scope="module")
def real() -> list[dict[str, Any]]:
    with lzma.open(DATA, "rt", encoding="utf-8", newline="") as file:
        return list(lines(csv.DictReader(file)))


def test_a_remittance_is_an_outgoing_transfer() -> None:
    (line,) = lines([row()])
    assert line == {
        "topic": TRANSFERS,
        "key": "12",
        "value": {
            "event_id": "cz-7",
            "account_id": "12",
            "customer_id": "12",
            "amount": 123450,
            "currency": "CZK",
            "balance_after": -1029,
            "occurred_at": "1995-07-05T10:00:00+02:00",
            "reverses": None,
            "direction": "out",
            "kind": "transfer",
            "counterparty": {"bank_code": "YZ", "account_ref": "777", "same_name": False},
            "channel": "batch",
            "merchant": None,
        },
    }


def test_wages_are_a_payroll_credit_at_nine() -> None:
    (line,) = lines([row(**WAGES, date="950105")])
    assert line["topic"] == PAYROLL_CREDITS
    assert line["value"]["employer_id"] == "YZ-777"
    assert line["value"]["payroll_source"] == "employed"
    assert line["value"]["occurred_at"] == "1995-01-05T09:00:00+01:00"


def test_an_old_age_pension_is_a_pension() -> None:
    assert value(**WAGES, k_symbol="old-age pension")["payroll_source"] == "pension"


@pytest.mark.parametrize(
    ("operation", "k_symbol", "expected"),
    [
        ("remittance to another bank", "household", ("out", "bill", "batch")),
        ("remittance to another bank", "insurrance payment", ("out", "bill", "batch")),
        ("remittance to another bank", "loan payment", ("out", "loan_repayment", "batch")),
        ("withdrawal in cash", "", ("out", "cash", "counter")),
        ("withdrawal in cash", "household", ("out", "cash", "counter")),
        ("withdrawal in cash", "payment for statement", ("out", "fee", "counter")),
        ("withdrawal in cash", "sanction interest if negative balance", ("out", "interest", "counter")),
        ("credit card withdrawal", "", ("out", "consumption", "pos")),
        ("credit in cash", "", ("in", "cash", "counter")),
        ("", "interest credited", ("in", "interest", "batch")),
    ],
)
def test_each_operation(operation: str, k_symbol: str, expected: tuple[str, str, str]) -> None:
    posted = value(operation=operation, k_symbol=k_symbol)
    assert (posted["direction"], posted["kind"], posted["channel"]) == expected


def test_an_account_without_a_bank_is_no_counterparty() -> None:
    assert value(bank="", account="0")["counterparty"] is None


def test_seconds_count_earlier_transactions_of_that_account_and_day_by_number() -> None:
    rows = [
        row(trans_id="100"),
        row(trans_id="99"),
        row(trans_id="101", **WAGES),
        row(trans_id="5", account_id="13"),
        row(trans_id="102", date="950706"),
    ]
    assert [(line["value"]["event_id"], line["value"]["occurred_at"][8:19]) for line in lines(rows)] == [
        ("cz-101", "05T09:00:02"),
        ("cz-5", "05T10:00:00"),
        ("cz-99", "05T10:00:00"),
        ("cz-100", "05T10:00:01"),
        ("cz-102", "06T10:00:00"),
    ]


@pytest.mark.parametrize("amount", ["0.29", "1.13", "81404.40", "29070", "4.1"])
def test_money_is_exact(amount: str) -> None:
    assert f"{value(amount=amount)['amount'] / 100:.2f}" == f"{float(amount):.2f}"


@pytest.mark.parametrize(
    "fields", [{"operation": "gift"}, {"amount": "1.005"}, {"amount": "x"}, {"date": "1995-07-05"}]
)
def test_a_row_that_cannot_be_read_is_named(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="transaction 7"):
        value(**fields)


def test_the_real_data_is_whole(real: list[dict[str, Any]]) -> None:
    topics = Counter(line["topic"] for line in real)
    assert topics == {PAYROLL_CREDITS: 1448, TRANSFERS: 28752}
    assert len({line["key"] for line in real}) == 354
    assert len({line["key"] for line in real if line["topic"] == PAYROLL_CREDITS}) == 113


@pytest.mark.parametrize(("topic", "model"), [(PAYROLL_CREDITS, PayrollCredit), (TRANSFERS, Transfer)])
def test_the_real_data_is_valid(real: list[dict[str, Any]], topic: str, model: Any) -> None:
    values = [line["value"] for line in real if line["topic"] == topic]
    TypeAdapter(list[model]).validate_json(json.dumps(values))


def test_the_real_data_is_in_order(real: list[dict[str, Any]]) -> None:
    order = [
        (datetime.fromisoformat(line["value"]["occurred_at"]), int(line["value"]["event_id"][3:]))
        for line in real
    ]
    assert order == sorted(order)


def test_the_real_kinds(real: list[dict[str, Any]]) -> None:
    kinds = Counter(line["value"]["kind"] for line in real if line["topic"] == TRANSFERS)
    assert kinds == {
        "transfer": 1549,
        "bill": 2145 + 681,
        "cash": 5304 + 6542 + 3215 + 47 + 856,
        "fee": 3186,
        "interest": 5130 + 43,
        "consumption": 54,
    }
