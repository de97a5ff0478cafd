"""Real data: transactions of a Czech bank as lines of an events file (deploy/data/README.md)."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from schemas.topics import PAYROLL_CREDITS, TRANSFERS

_PRAGUE: Final = ZoneInfo("Europe/Prague")
_WAGES: Final = "collection from another bank"
# The source spells it "insurrance"; its own description spells it right.
_INSURANCE: Final = ("insurrance payment", "insurance payment")


class _Posted(NamedTuple):
    """How an operation is posted: direction, kind where no k_symbol says otherwise, channel."""

    direction: str
    kind: str
    channel: str
    by_symbol: dict[str, str]


_REMITTANCE: Final = _Posted(
    "out",
    "transfer",
    "batch",
    {"household": "bill", "loan payment": "loan_repayment"} | dict.fromkeys(_INSURANCE, "bill"),
)
_WITHDRAWAL: Final = _Posted(
    "out",
    "cash",
    "counter",
    {
        "payment for statement": "fee",
        "sanction interest if negative balance": "interest",
        "sanction interest": "interest",
    },
)
_OPERATIONS: Final = {
    "remittance to another bank": _REMITTANCE,
    "withdrawal in cash": _WITHDRAWAL,
    "credit card withdrawal": _Posted("out", "consumption", "pos", {}),
    "credit in cash": _Posted("in", "cash", "counter", {}),
    "interest credited": _Posted("in", "interest", "batch", {}),
}


def lines(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """CSV rows, in any order → ``{"topic", "key", "value"}``, sorted by (instant, trans_id as a number).

    Amounts and balances become integers in haléře, instants RFC 3339 in Europe/Prague. What a row
    leaves empty is null. Raises ``ValueError`` naming the trans_id for a row that
    has an unknown operation, an amount that is no number of haléře, or no date of the form yymmdd.
    """
    seen: dict[tuple[str, str], int] = {}
    timed = []
    for row in sorted(rows, key=_number):
        day = row["account_id"], row["date"]
        timed.append((_moment(row, seen.get(day, 0)), _number(row), row))
        seen[day] = seen.get(day, 0) + 1
    for moment, _, row in sorted(timed, key=itemgetter(0, 1)):
        yield _line(row, moment)


def _number(row: dict[str, str]) -> int:
    return int(row["trans_id"])


def _moment(row: dict[str, str], earlier: int) -> datetime:
    """The data has no hours: 09:00 for wages, 10:00 for the rest, a second for each earlier one."""
    text = row["date"]
    if len(text) != 6 or not text.isdigit():
        raise ValueError(f"transaction {row['trans_id']}: date {text!r} is not yymmdd")
    # Not %y, which would read 68 as 2068.
    day = datetime(1900 + int(text[:2]), int(text[2:4]), int(text[4:]), tzinfo=_PRAGUE)
    return day.replace(hour=9 if _operation(row) == _WAGES else 10) + timedelta(seconds=earlier)


def _operation(row: dict[str, str]) -> str:
    # Interest is the one operation the source leaves empty and names in the k_symbol instead.
    return row["operation"].strip() or row["k_symbol"].strip()


def _line(row: dict[str, str], moment: datetime) -> dict[str, Any]:
    value: dict[str, Any] = {
        "event_id": f"cz-{row['trans_id']}",
        "account_id": row["account_id"],
        "customer_id": row["account_id"],
        "amount": _haler(row, "amount"),
        "currency": "CZK",
        "balance_after": _haler(row, "balance"),
        "occurred_at": moment.isoformat(),
        "reverses": None,
    }
    wages = _operation(row) == _WAGES
    value |= _credit(row) if wages else _transfer(row)
    return {"topic": PAYROLL_CREDITS if wages else TRANSFERS, "key": row["account_id"], "value": value}


def _haler(row: dict[str, str], column: str) -> int:
    """CZK with decimals → haléře, through decimals because 0.29 * 100 is not 29 in binary."""
    where = f"transaction {row['trans_id']}: {column} {row[column]!r}"
    try:
        minor = Decimal(row[column]) * 100
    except ArithmeticError as error:
        raise ValueError(f"{where} is not a number") from error
    if minor != minor.to_integral_value():
        raise ValueError(f"{where} is finer than a haléř")
    return int(minor)


def _credit(row: dict[str, str]) -> dict[str, Any]:
    pension = "pension" in row["k_symbol"].lower()
    return {
        "employer_id": f"{row['bank'].strip()}-{row['account'].strip()}",
        "payroll_source": "pension" if pension else "employed",
        "branch_id": None,
    }


def _transfer(row: dict[str, str]) -> dict[str, Any]:
    operation = _operation(row)
    if operation not in _OPERATIONS:
        raise ValueError(f"transaction {row['trans_id']}: unknown operation {operation!r}")
    posted = _OPERATIONS[operation]
    kind = posted.by_symbol.get(row["k_symbol"].strip(), posted.kind)
    # An account "0" without a bank is how the source writes that there is none.
    bank, account = row["bank"].strip(), row["account"].strip()
    other = {"bank_code": bank, "account_ref": account, "same_name": False}
    return {
        "direction": posted.direction,
        "kind": kind,
        "counterparty": other if bank and account else None,
        "channel": posted.channel,
        "merchant": None,
    }
