"""The money that left (O2)."""

from typing import Literal

from schemas.events.posting import PayrollSource
from schemas.facts.base import CycleFact
from schemas.instant import Instant
from schemas.strict import Currency, Id, StrictModel, Text


class Leaving(StrictModel):
    """One transfer that left the bank: day of the cycle, local hour, amount in minor units."""

    event_id: Id
    occurred_at: Instant
    day: int
    hour: int
    bank_code: Text | None
    amount: int
    habitual: bool


class Outflow(CycleFact):
    """Leaving transfers up to a cycle's close, R2 order (O2): all of them, or of very many so many that were not
    told of before (R11)."""

    fact: Literal["outflow"] = "outflow"
    payroll_source: PayrollSource
    currency: Currency
    transfers: list[Leaving]
