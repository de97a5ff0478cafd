"""A version of a task that does not go out: the fast word, its table, its row (B5, O4)."""

from datetime import date
from typing import Final

import msgspec

from streams.fast.facts.base import FastAccountFact, FastPlaybookRef
from streams.fast.rows import LandedRow, Table, day, instant
from streams.fast.tasks import FastTask


class FastWithheld(FastAccountFact, gc=False):
    """See ``schemas.facts.withheld.Withheld``."""

    task: FastTask


class _Landed(msgspec.Struct, gc=False):
    fact_id: str
    account_id: str
    task: msgspec.Raw


class _Task(msgspec.Struct, gc=False):
    task_id: str
    version: int
    kind: str
    status: str
    cycle_payday: date
    created_at: str
    playbook: FastPlaybookRef


TABLE: Final = Table(
    "withheld",
    (
        *("task_id", "version", "kind", "status", "account_id", "cycle_payday", "created_at", "task"),
        *("playbook_name", "playbook_version", "fact_id", "landed"),
    ),
)
_read: Final = msgspec.json.Decoder(_Landed).decode
_read_task: Final = msgspec.json.Decoder(_Task).decode


def rows(value: bytes, offset: int) -> list[LandedRow]:
    """One row a version; the task itself stays the JSON it came as."""
    withheld = _read(value)
    task = _read_task(withheld.task)
    about = (task.task_id, task.version, task.kind, task.status, withheld.account_id)
    when = (day("cycle_payday", task.cycle_payday), instant("created_at", task.created_at))
    whole, playbook = bytes(withheld.task).decode(), task.playbook
    known_by = (playbook.name, playbook.version, withheld.fact_id, offset)
    return [LandedRow(TABLE.name, (*about, *when, whole, *known_by))]
