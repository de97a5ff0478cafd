"""A closed cycle (R8, O2), and a line of ``cycles.jsonl`` (O6)."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.events.posting import PayrollSource
from schemas.facts.base import CycleFact, Rule, Share
from schemas.instant import Instant
from schemas.strict import Currency

CycleClass = Literal["loyal", "transfer_out", "spend_down"]


class AccountCycle(CycleFact):
    """A closed cycle (R8, O2). Money in minor units; ``retained`` and ``balance`` by day, 0 up to 7."""

    fact: Literal["account_cycle"] = "account_cycle"
    payroll_source: PayrollSource
    currency: Currency
    pay: int
    moved_out: int
    spent: int
    invested: int
    returned: int
    retained: list[Share | None]
    balance: list[int | None]
    cycle_class: Annotated[CycleClass, Field(alias="class")]
    truncated: bool
    flags: list[Rule]
    habitual_out: int
    closed_at: Instant


CYCLE_FIELDS = (
    "account_id",
    "cycle_payday",
    "employer_id",
    "payroll_source",
    "currency",
    "pay",
    "moved_out",
    "spent",
    "invested",
    "returned",
    "retained",
    "balance",
    "class",
    "truncated",
    "flags",
    "habitual_out",
)
"""The fields of a line of ``cycles.jsonl``, in order (O6)."""
