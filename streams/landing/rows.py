"""The seam to ClickHouse: a record of a topic in, the rows it lands as out (O4)."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import msgspec

from schemas.instant import parse_instant
from schemas.topics import DEAD_LETTERS, FACTS, INTERVENTIONS
from streams.fast.facts import (
    FastAccountCycle,
    FastCurve,
    FastCycleFact,
    FastHotAccount,
    FastOutflow,
    FastPlaybookRef,
)
from streams.landing.landed import (
    FIRST_YEAR,
    LAST_INSTANT,
    LAST_YEAR,
    SET_ASIDE,
    SET_ASIDE_COLUMNS,
    Incoming,
    LandedRow,
    NotLandable,
    SetAsideReason,
    instant_of,
    set_aside,
)

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
    SET_ASIDE: SET_ASIDE_COLUMNS,
}


class LandedTask(msgspec.Struct, gc=False, kw_only=True):
    """What a row needs of a task, whatever its kind; reasons and curve stay the JSON they came as.

    A nullable field may be absent, so that a task of an older release lands too.
    """

    task_id: str
    version: int
    kind: str
    status: str
    account_id: str
    customer_id: str
    cycle_payday: date
    employer_id: str
    currency: str
    segment: str | None = None
    pattern: str | None = None
    priority: int
    reasons: msgspec.Raw
    curve: msgspec.Raw
    playbook: FastPlaybookRef
    first_contact_due: str
    close_due: str
    expires_at: str
    branch_id: str | None = None
    area: str | None = None
    manager_id: str | None = None
    offer: str | None = None
    created_at: str
    ended_by: str | None = None


class _Kind(msgspec.Struct, gc=False):
    fact: str


class _Rule(msgspec.Struct, gc=False):
    rule: str


_kind: Final = msgspec.json.Decoder(_Kind).decode
_rules: Final = msgspec.json.Decoder(list[_Rule]).decode
_task_of: Final = msgspec.json.Decoder(LandedTask).decode
_account_cycle_of: Final = msgspec.json.Decoder(FastAccountCycle).decode
_curve_of: Final = msgspec.json.Decoder(FastCurve).decode
_outflow_of: Final = msgspec.json.Decoder(FastOutflow).decode
_hot_account_of: Final = msgspec.json.Decoder(FastHotAccount).decode


def rows_of(topic: str, record: Incoming) -> list[LandedRow]:
    """The rows a record of a landed topic becomes; the same record always gives the same rows.

    One that is not what we publish (a tombstone, garbage, the word of a newer release) becomes a row of
    ``set_aside``; nothing that a record holds raises.
    """
    try:
        return _BY_TOPIC[topic](record)
    except NotLandable as error:
        return [set_aside(topic, record, error.reason, error.detail)]
    except msgspec.ValidationError as error:  # says which field and what was expected, never the value
        return [set_aside(topic, record, SetAsideReason.INVALID, str(error))]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [set_aside(topic, record, SetAsideReason.MALFORMED, f"not JSON ({type(error).__name__})")]


def _fact(record: Incoming) -> list[LandedRow]:
    value = _value(record)
    kind = _kind(value).fact
    rows = _BY_FACT.get(kind)
    if rows is None:
        named = kind if kind.isidentifier() and len(kind) <= _LONGEST_KIND else "of no name"
        raise NotLandable(SetAsideReason.UNKNOWN_KIND, f"fact {named}: run a landing as new as what wrote it")
    return rows(value, record.offset)


def _value(record: Incoming) -> bytes:
    if record.value is None:
        raise NotLandable(SetAsideReason.NULL_VALUE, "the record has no value")
    return record.value


def _ends(fact: FastCycleFact, offset: int) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """What the rows of a fact begin and end with."""
    playbook = fact.playbook
    return (
        (
            *(fact.account_id, _day("cycle_payday", fact.cycle_payday), fact.employer_id),
            *(fact.payroll_source, fact.currency, fact.segment),
        ),
        (fact.fact_id, playbook.name, playbook.version, offset),
    )


def _account_cycle(value: bytes, offset: int) -> list[LandedRow]:
    cycle = _account_cycle_of(value)
    head, tail = _ends(cycle, offset)
    values = (
        *head,
        *(cycle.pay, cycle.moved_out, cycle.spent, cycle.invested, cycle.returned),
        *(cycle.retained, cycle.balance, cycle.cycle_class, cycle.truncated, cycle.flags),
        *(cycle.habitual_out, _instant("closed_at", cycle.closed_at)),
        *tail,
    )
    return [LandedRow("account_cycle", values)]


def _curve(value: bytes, offset: int) -> list[LandedRow]:
    curve = _curve_of(value)
    head, tail = _ends(curve, offset)
    return [
        LandedRow("curve_point", (*head, point.day, point.retained, point.balance, *tail))
        for point in curve.points
    ]


def _outflow(value: bytes, offset: int) -> list[LandedRow]:
    outflow = _outflow_of(value)
    head, tail = _ends(outflow, offset)
    return [
        LandedRow(
            "outflow",
            (
                *head,
                *(one.event_id, _instant("occurred_at", one.occurred_at), one.day, one.hour),
                *(one.bank_code, one.amount, one.habitual),
                *tail,
            ),
        )
        for one in outflow.transfers
    ]


def _hot_account(value: bytes, offset: int) -> list[LandedRow]:
    hot = _hot_account_of(value)
    about = (hot.account_id, _day("day", hot.day), hot.pending_limit, _instant("folded_to", hot.folded_to))
    return [LandedRow("hot_account", (*about, hot.fact_id, hot.playbook.name, hot.playbook.version, offset))]


def _task(record: Incoming) -> list[LandedRow]:
    task = _task_of(_value(record))
    values = (
        *(task.task_id, task.version, task.kind, task.status, task.account_id),
        *(task.customer_id, _day("cycle_payday", task.cycle_payday), task.employer_id, task.currency),
        *(task.segment, task.pattern, task.priority),
        *([one.rule for one in _rules(task.reasons)], _text(task.reasons), _text(task.curve)),
        *(task.playbook.name, task.playbook.version),
        *(_instant(name, getattr(task, name)) for name in ("first_contact_due", "close_due", "expires_at")),
        *(task.branch_id, task.area, task.manager_id, task.offer),
        *(_instant("created_at", task.created_at), task.ended_by, record.offset),
    )
    return [LandedRow("task", values)]


def _dead_letter(record: Incoming) -> list[LandedRow]:
    try:
        headers: dict[str, Any] = dict(record.headers)
        source = (headers["topic"].decode(), int(headers["partition"]), int(headers["offset"]))
        why = (headers["reason"].decode(), headers["detail"].decode())
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        detail = "topic, partition, offset, reason and detail are not all there, as text and numbers"
        raise NotLandable(SetAsideReason.HEADERS, detail) from error
    values = (
        *(*source, *why, record.value, len(record.value or b""), instant_of(record.timestamp)),
        *(record.partition, record.offset, record.offset),
    )
    return [LandedRow("dead_letter", values)]


def _day(field: str, day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise NotLandable(SetAsideReason.OUT_OF_RANGE, f"{field}: years {FIRST_YEAR} to {LAST_YEAR} fit")
    return day


def _instant(field: str, text: str) -> int:
    try:
        instant = parse_instant(text)
    except ValueError as error:
        raise NotLandable(SetAsideReason.INVALID, f"{field}: not an RFC 3339 instant") from error
    if instant > LAST_INSTANT:
        raise NotLandable(SetAsideReason.OUT_OF_RANGE, f"{field}: years {FIRST_YEAR} to {LAST_YEAR} fit")
    return instant


def _text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode()


_LONGEST_KIND: Final = 40
_BY_TOPIC: Final[dict[str, Callable[[Incoming], list[LandedRow]]]] = {
    FACTS: _fact,
    INTERVENTIONS: _task,
    DEAD_LETTERS: _dead_letter,
}
_BY_FACT: Final[dict[str, Callable[[bytes, int], list[LandedRow]]]] = {
    "account_cycle": _account_cycle,
    "curve_point": _curve,
    "outflow": _outflow,
    "hot_account": _hot_account,
}
