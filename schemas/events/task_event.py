"""What was done with a task (J3)."""

from typing import Literal

from schemas.instant import Instant
from schemas.strict import AccountId, Balance, Id, StrictModel, Text


class TaskEvent(StrictModel):
    """What staff, the dispatcher or a campaign system did with a task."""

    type: Literal["task_event"] = "task_event"
    event_id: Id
    account_id: AccountId
    task_id: Id
    action: Literal["claimed", "dispatched", "contacted", "outcome", "snoozed", "closed"]
    staff_id: Text | None = None
    channel: Text | None = None
    result: Text | None = None
    cost: Balance | None = None
    partner_id: Text | None = None
    occurred_at: Instant
