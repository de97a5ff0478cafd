"""The Czech transactions as the lines of an events file (deploy/data/README.md)."""

import csv
import lzma
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "Europe/Prague"
Row = dict[str, str]
Line = dict[str, Any]

BY_OPERATION = {
    "remittance to another bank": ("transfer", "batch"),
    "withdrawal in cash": ("cash", "counter"),
    "credit card withdrawal": ("consumption", "pos"),
    "credit in cash": ("cash", "counter"),
    "": ("interest", "batch"),
}
KIND_OF_REMITTANCE = {
    "household": "bill",
    "insurrance payment": "bill",
    "insurance payment": "bill",
    "loan payment": "loan_repayment",
}
KIND_OF_WITHDRAWAL = {
    "payment for statement": "fee",
    "sanction interest if negative balance": "interest",
}


def lines(path: str | Path) -> list[Line]:
    """All transactions, sorted by (instant, trans_id); reads csv, also compressed."""
    timed = sorted(_timed(_rows(Path(path))), key=lambda pair: (pair[0], int(pair[1]["trans_id"])))
    return [_line(moment, row) for moment, row in timed]


def _rows(path: Path) -> list[Row]:
    if path.suffix == ".xz":
        with lzma.open(path, "rt", encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _timed(rows: list[Row]) -> list[tuple[datetime, Row]]:
    """Time of day: 09:00 or 10:00, a second later for each earlier transaction of that account and day."""
    earlier: Counter[tuple[str, str]] = Counter()
    timed = []
    for row in sorted(rows, key=lambda row: int(row["trans_id"])):
        hour = 9 if _is_pay(row) else 10
        day = datetime.strptime("19" + row["date"], "%Y%m%d").replace(hour=hour, tzinfo=ZoneInfo(ZONE))
        seconds = earlier[row["account_id"], row["date"]]
        earlier[row["account_id"], row["date"]] += 1
        timed.append((day + timedelta(seconds=seconds), row))
    return timed


def _is_pay(row: Row) -> bool:
    return row["operation"] == "collection from another bank"


def _minor(text: str) -> int:
    return int(Decimal(text) * 100)


def _line(moment: datetime, row: Row) -> Line:
    value = {
        "event_id": "cz-" + row["trans_id"],
        "account_id": row["account_id"],
        "customer_id": row["account_id"],
        "amount": _minor(row["amount"]),
        "currency": "CZK",
        "balance_after": _minor(row["balance"]),
        "occurred_at": moment.isoformat(),
        "reverses": None,
    }
    topic = "payday.payroll-credits.v1" if _is_pay(row) else "payday.transfers.v1"
    more = _pay_fields(row) if _is_pay(row) else _transfer_fields(row)
    return {"topic": topic, "key": row["account_id"], "value": value | more}


def _pay_fields(row: Row) -> dict[str, Any]:
    source = "pension" if "pension" in row["k_symbol"] else "employed"
    employer = f"{row['bank']}-{row['account']}"
    return {"employer_id": employer, "payroll_source": source, "branch_id": None}


def _transfer_fields(row: Row) -> dict[str, Any]:
    kind, channel = BY_OPERATION[row["operation"]]
    if row["operation"] == "remittance to another bank":
        kind = KIND_OF_REMITTANCE.get(row["k_symbol"], kind)
    if row["operation"] == "withdrawal in cash":
        kind = KIND_OF_WITHDRAWAL.get(row["k_symbol"], kind)
    known = row["bank"] and row["account"]
    other = {"bank_code": row["bank"], "account_ref": row["account"], "same_name": False}
    return {
        "direction": "in" if row["type"] == "credit" else "out",
        "kind": kind,
        "counterparty": other if known else None,
        "channel": channel,
        "merchant": None,
    }
