"""Interventions out: one event for every version of a task (DESIGN 5)."""

from typing import Literal

from schemas.facts import CurvePoint, PlaybookRef, Rule
from schemas.instant import Instant, LocalDate
from schemas.word import Id, Text, Word

TaskKind = Literal["outflow_alert"]
TaskStatus = Literal["open", "superseded"]
Pattern = Literal["settled_mover", "loyal"]


class Habitual(Word):
    """The habit a flagged transfer belongs to: usual amount (minor units), day of cycle, local hour."""

    amount: int
    day: int
    hour: int


class TaskReason(Word):
    """Why: the rule that held, what was seen and the limit, both in minor units."""

    rule: Rule
    observed: int
    threshold: int
    event_id: Id
    habitual: Habitual | None


class Task(Word):
    """One version of an intervention task. ``task_id``: UUIDv5 of account, cycle payday and kind."""

    task_id: str
    version: int
    kind: TaskKind
    status: TaskStatus
    account_id: Id
    customer_id: Id
    cycle_payday: LocalDate
    employer_id: Id
    currency: str
    segment: Text | None
    pattern: Pattern | None
    priority: int
    reasons: list[TaskReason]
    curve: list[CurvePoint]
    playbook: PlaybookRef
    first_contact_due: Instant
    close_due: Instant
    expires_at: Instant
    branch_id: Text | None
    area: Text | None
    manager_id: Text | None
    offer: Text | None
    created_at: Instant
