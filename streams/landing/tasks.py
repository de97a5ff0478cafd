"""The versions of tasks: what a row needs of one, the table, the row (O1, O4)."""

from datetime import date
from typing import Final

import msgspec

from streams.fast.facts import FastPlaybookRef
from streams.fast.rows import LandedRow, Table, day, instant

TABLE: Final = Table(
    "task",
    (
        *("task_id", "version", "kind", "status", "account_id", "customer_id", "cycle_payday"),
        *("employer_id", "currency", "segment", "pattern", "priority", "rules", "reasons", "curve"),
        *("playbook_name", "playbook_version", "first_contact_due", "close_due", "expires_at"),
        *("branch_id", "area", "manager_id", "offer", "created_at", "ended_by", "subject"),
        *("sentence", "landed"),
    ),
)


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
    subject: str | None = None
    sentence: str | None = None


class _Rule(msgspec.Struct, gc=False):
    rule: str


_rules: Final = msgspec.json.Decoder(list[_Rule]).decode
_read: Final = msgspec.json.Decoder(LandedTask).decode


def rows(value: bytes, offset: int) -> list[LandedRow]:
    """One row a version."""
    task = _read(value)
    values = (
        *(task.task_id, task.version, task.kind, task.status, task.account_id),
        *(task.customer_id, day("cycle_payday", task.cycle_payday), task.employer_id, task.currency),
        *(task.segment, task.pattern, task.priority),
        *([one.rule for one in _rules(task.reasons)], _text(task.reasons), _text(task.curve)),
        *(task.playbook.name, task.playbook.version),
        *(instant(name, getattr(task, name)) for name in ("first_contact_due", "close_due", "expires_at")),
        *(task.branch_id, task.area, task.manager_id, task.offer),
        *(instant("created_at", task.created_at), task.ended_by, task.subject or task.account_id),
        *(task.sentence, offset),
    )
    return [LandedRow(TABLE.name, values)]


def _text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode()
