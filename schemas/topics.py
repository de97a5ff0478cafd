"""The topics, by name (J1, J2, O1 to O3)."""

from typing import Final

from schemas.events import EventType

JOURNAL: Final = "payday.journal.v1"
PAYROLL_CREDITS: Final = "payday.payroll-credits.v1"
TRANSFERS: Final = "payday.transfers.v1"
CUSTOMER_PROFILES: Final = "payday.customer-profiles.v1"
TASK_EVENTS: Final = "payday.task-events.v1"
INTERVENTIONS: Final = "payday.interventions.v1"
FACTS: Final = "payday.facts.v1"
DEAD_LETTERS: Final = "payday.dead-letters.v1"

TYPE_TOPICS: Final = {
    PAYROLL_CREDITS: EventType.PAYROLL_CREDIT,
    TRANSFERS: EventType.TRANSFER,
    CUSTOMER_PROFILES: EventType.PROFILE,
    TASK_EVENTS: EventType.TASK_EVENT,
}
"""A producer's way in by type; the router appends these to the journal."""

MAX_VALUE_BYTES: Final = 64 * 1024
"""A larger value is bad input (``too_large``)."""
