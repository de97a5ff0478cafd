"""The seam to ClickHouse: a record of a topic in, the rows it lands as out (DESIGN 6)."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from schemas.instant import parse_instant
from schemas.topics import DEAD_LETTERS, FACTS, INTERVENTIONS

# The columns of the rows made here, by table, in the order of their values.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "account_cycle": (
        *("account_id", "cycle_payday", "employer_id", "payroll_source", "currency", "segment"),
        *("pay", "moved_out", "spent", "invested", "returned", "retained", "balance", "class"),
        *("truncated", "flags", "habitual_out", "closed_at"),
        *("fact_id", "playbook_name", "playbook_version", "version"),
    ),
    "curve_point": (
        *("account_id", "cycle_payday", "employer_id", "payroll_source", "currency", "segment"),
        *("day", "retained", "balance"),
        *("fact_id", "playbook_name", "playbook_version", "version"),
    ),
    "outflow": (
        *("account_id", "cycle_payday", "employer_id", "payroll_source", "currency", "segment"),
        *("event_id", "occurred_at", "day", "hour", "bank_code", "amount", "habitual"),
        *("fact_id", "playbook_name", "playbook_version", "version"),
    ),
    "hot_account": (
        *("account_id", "day", "pending_limit", "folded_to"),
        *("fact_id", "playbook_name", "playbook_version", "version"),
    ),
    "task": (
        *("task_id", "version", "kind", "status", "account_id", "customer_id", "cycle_payday"),
        *("employer_id", "currency", "segment", "pattern", "priority", "rules", "reasons", "curve"),
        *("playbook_name", "playbook_version", "first_contact_due", "close_due", "expires_at"),
        *("branch_id", "area", "manager_id", "offer", "created_at", "ended_by", "landed"),
    ),
    "dead_letter": (
        *("topic", "partition", "offset", "reason", "detail", "value", "size", "recorded_at"),
        *("landed_partition", "landed_offset", "version"),
    ),
}

_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode


class LandingError(ValueError):
    """A record of our own topics that cannot be landed: a bug in what wrote it, or a newer writer."""


class Incoming(NamedTuple):
    """A record as read: value bytes, where it stood, its timestamp in milliseconds, its headers."""

    value: bytes | None
    partition: int
    offset: int
    timestamp: int
    headers: tuple[tuple[str, bytes], ...] = ()


class Row(NamedTuple):
    """One row for ``table``: values in the order of ``COLUMNS[table]``; instants in microseconds."""

    table: str
    values: tuple[object, ...]


def rows_of(topic: str, record: Incoming) -> list[Row]:
    """The rows a record lands as; the same record always gives the same rows.

    Raises LandingError, with the record's position and never its content, if it is not what we publish.
    """
    try:
        return _BY_TOPIC[topic](record)
    except (KeyError, TypeError, ValueError, msgspec.DecodeError) as error:
        raise LandingError(
            f"{topic} partition {record.partition} offset {record.offset} cannot be landed "
            f"({type(error).__name__}: {error}); run a landing as new as what wrote it"
        ) from error


def by_table(rows: Iterable[Row]) -> dict[str, list[tuple[object, ...]]]:
    """Rows gathered by table, ready to insert, in the order they came."""
    tables: dict[str, list[tuple[object, ...]]] = {}
    for table, values in rows:
        tables.setdefault(table, []).append(values)
    return tables


@lru_cache(4096)
def _day(text: str) -> date:
    return date.fromisoformat(text)


def _fact(record: Incoming) -> list[Row]:
    fact = _decode(record.value or b"")
    playbook = fact["playbook"]
    tail = (fact["fact_id"], playbook["name"], playbook["version"], record.offset)
    if fact["fact"] == "hot_account":  # the only one that is not about a cycle
        return _hot_account(fact, tail)
    head = (
        *(fact["account_id"], _day(fact["cycle_payday"]), fact["employer_id"]),
        *(fact["payroll_source"], fact["currency"], fact["segment"]),
    )
    return _BY_FACT[fact["fact"]](fact, head, tail)


def _account_cycle(fact: dict[str, Any], head: tuple[object, ...], tail: tuple[object, ...]) -> list[Row]:
    values = (
        *head,
        *(fact["pay"], fact["moved_out"], fact["spent"], fact["invested"], fact["returned"]),
        *(fact["retained"], fact["balance"], fact["class"], fact["truncated"], fact["flags"]),
        *(fact["habitual_out"], parse_instant(fact["closed_at"])),
        *tail,
    )
    return [Row("account_cycle", values)]


def _curve(fact: dict[str, Any], head: tuple[object, ...], tail: tuple[object, ...]) -> list[Row]:
    return [
        Row("curve_point", (*head, point["day"], point.get("retained"), point.get("balance"), *tail))
        for point in fact["points"]
    ]


def _outflow(fact: dict[str, Any], head: tuple[object, ...], tail: tuple[object, ...]) -> list[Row]:
    return [
        Row(
            "outflow",
            (
                *head,
                *(one["event_id"], parse_instant(one["occurred_at"]), one["day"], one["hour"]),
                *(one.get("bank_code"), one["amount"], one["habitual"]),
                *tail,
            ),
        )
        for one in fact["transfers"]
    ]


def _hot_account(fact: dict[str, Any], tail: tuple[object, ...]) -> list[Row]:
    about = (fact["account_id"], _day(fact["day"]), fact["pending_limit"], parse_instant(fact["folded_to"]))
    return [Row("hot_account", (*about, *tail))]


def _task(record: Incoming) -> list[Row]:
    task = _decode(record.value or b"")
    playbook = task["playbook"]
    values = (
        *(task["task_id"], task["version"], task["kind"], task["status"], task["account_id"]),
        *(task["customer_id"], _day(task["cycle_payday"]), task["employer_id"], task["currency"]),
        *(task.get("segment"), task.get("pattern"), task["priority"]),
        *([reason["rule"] for reason in task["reasons"]], _json(task["reasons"]), _json(task["curve"])),
        *(playbook["name"], playbook["version"], parse_instant(task["first_contact_due"])),
        *(parse_instant(task["close_due"]), parse_instant(task["expires_at"])),
        *(task.get("branch_id"), task.get("area"), task.get("manager_id"), task.get("offer")),
        *(parse_instant(task["created_at"]), task.get("ended_by"), record.offset),
    )
    return [Row("task", values)]


def _dead_letter(record: Incoming) -> list[Row]:
    headers = dict(record.headers)
    values = (
        *(headers["topic"].decode(), int(headers["partition"]), int(headers["offset"])),
        *(headers["reason"].decode(), headers["detail"].decode()),
        *(record.value, len(record.value or b""), record.timestamp * 1000),
        *(record.partition, record.offset, record.offset),
    )
    return [Row("dead_letter", values)]


def _json(value: object) -> str:
    return _encode(value).decode()


_BY_TOPIC: Final[dict[str, Callable[[Incoming], list[Row]]]] = {
    FACTS: _fact,
    INTERVENTIONS: _task,
    DEAD_LETTERS: _dead_letter,
}
_BY_FACT: Final[dict[str, Callable[[dict[str, Any], tuple[object, ...], tuple[object, ...]], list[Row]]]] = {
    "account_cycle": _account_cycle,
    "curve_point": _curve,
    "outflow": _outflow,
}
