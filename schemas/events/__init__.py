"""Events in: what the journal and the type topics carry, one module an event (J3)."""

from enum import StrEnum
from typing import Final

from pydantic import BaseModel

from schemas.answers import EmployerAnswer
from schemas.broadcasts import Broadcast, CalendarChange, LiveChange, PlaybookChange
from schemas.events.payroll_credit import PayrollCredit as PayrollCredit
from schemas.events.posting import Channel as Channel
from schemas.events.posting import Direction as Direction
from schemas.events.posting import Kind as Kind
from schemas.events.posting import PayrollSource as PayrollSource
from schemas.events.profile import Profile as Profile
from schemas.events.task_event import TaskEvent as TaskEvent
from schemas.events.tick import Tick as Tick
from schemas.events.transfer import Transfer as Transfer


class EventType(StrEnum):
    """The ``type`` of a journal record, in a field or a header."""

    PAYROLL_CREDIT = "payroll_credit"
    TRANSFER = "transfer"
    PROFILE = "profile"
    TASK_EVENT = "task_event"
    TICK = "tick"
    PLAYBOOK = "playbook"
    CALENDAR = "calendar"
    LIVE = "live"
    EMPLOYER = "employer"


Posting = PayrollCredit | Transfer
Event = PayrollCredit | Transfer | Profile | TaskEvent | Tick | Broadcast | EmployerAnswer
MODELS: Final[dict[EventType, type[BaseModel]]] = {
    EventType.PAYROLL_CREDIT: PayrollCredit,
    EventType.TRANSFER: Transfer,
    EventType.PROFILE: Profile,
    EventType.TASK_EVENT: TaskEvent,
    EventType.TICK: Tick,
    EventType.PLAYBOOK: PlaybookChange,
    EventType.CALENDAR: CalendarChange,
    EventType.LIVE: LiveChange,
    EventType.EMPLOYER: EmployerAnswer,
}
"""Every event's model, by its type."""
