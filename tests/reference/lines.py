"""Lines of an events file, made by hand for the tests."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Line = dict[str, Any]
PAYDAY = datetime(2026, 1, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
JOURNAL = "payday.journal.v1"


def at(day: int, hour: int = 12, minute: int = 0) -> str:
    """A time of day so many days after 2026-01-05, Shanghai."""
    return (PAYDAY + timedelta(days=day, hours=hour, minutes=minute)).isoformat()


def credit(event_id: str, when: str, amount: int, **more: Any) -> Line:
    """A payroll credit of account a."""
    value = {"type": "payroll_credit", "employer_id": "e1", "payroll_source": "employed", "branch_id": None}
    return _posting(event_id, when, amount, value | more)


def move(event_id: str, when: str, amount: int, direction: str, kind: str, **more: Any) -> Line:
    """A transfer of account a."""
    value = {"type": "transfer", "direction": direction, "kind": kind, "channel": "mobile"}
    return _posting(event_id, when, amount, value | more)


def out(event_id: str, when: str, amount: int, **more: Any) -> Line:
    """Money to another bank."""
    return move(event_id, when, amount, "out", "transfer", **more)


def to(account_ref: str, bank_code: str = "b2") -> dict[str, Any]:
    """The field of a transfer that says where it goes."""
    return {"counterparty": {"bank_code": bank_code, "account_ref": account_ref, "same_name": False}}


def tick(when: str) -> Line:
    """A tick."""
    return {"topic": JOURNAL, "key": None, "value": {"type": "tick", "instant": when}}


def _posting(event_id: str, when: str, amount: int, more: dict[str, Any]) -> Line:
    more = dict(more)
    key = more.pop("key", "a")
    value = {"event_id": event_id, "account_id": "a", "customer_id": "c", "currency": "CNY"}
    return {"topic": JOURNAL, "key": key, "value": value | {"amount": amount, "occurred_at": when} | more}
