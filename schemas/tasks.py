"""Interventions out: one event for every version of a task (O1)."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.facts import CurvePoint, PlaybookRef
from schemas.instant import Instant, LocalDate
from schemas.strict import Id, StrictModel, Text

TaskKind = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z_]{0,39}$", description="the kind of task; new ones may come, pass them over"),
]
TaskRule = Annotated[
    str, Field(pattern=r"^[a-z][a-z_]{0,39}$", description="the rule that held; new ones may come")
]
TaskStatus = Literal["open", "superseded"]
TaskEnd = Literal["payday_moved", "cancelled"]
Pattern = Literal["settled_mover", "loyal"]


class Habitual(StrictModel):
    """The habit a flagged transfer belongs to: usual amount (minor units), day of cycle, local hour."""

    amount: int
    day: int
    hour: int


class TaskReason(StrictModel):
    """Why: the rule that held, what was seen and the limit, both in minor units."""

    rule: TaskRule
    observed: int
    threshold: int
    event_id: Id
    habitual: Habitual | None


class Task(StrictModel):
    """One version of an intervention task. ``task_id``: UUIDv5 of subject, cycle payday and kind.

    A ``superseded`` task asks for nothing any more, and ``ended_by`` says why: ``payday_moved``, a late credit
    made the cycle another one, whose own task may follow; ``cancelled``, every transfer that is a reason was
    reversed by name, the money came back. If the payday comes back, or money leaves again, the task is
    ``open`` again, version + 1, with the reasons of then. ``ended_by`` is null while it is open, and in
    versions written before the field was.

    ``subject``: whom the task is about, the account. ``sentence``: what a branch employee needs to know, in the
    playbook's language. Both are null only in versions written before the fields were.
    """

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
    ended_by: TaskEnd | None = None
    subject: str | None = None
    sentence: str | None = None
