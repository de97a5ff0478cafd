"""Facts out: what is landed (O2). Each has a deterministic id, so a replay overwrites itself."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from schemas.events import PayrollSource
from schemas.instant import Instant, LocalDate
from schemas.strict import Currency, Id, StrictModel, Text

CycleClass = Literal["loyal", "transfer_out", "spend_down"]
Rule = Literal["single_large", "cumulative_large"]
Share = Annotated[str, Field(pattern=r"^[01]\.\d{6}$")]
"""A share from 0 to 1, six decimals, rounded half-even (R6)."""


class PlaybookRef(StrictModel):
    """The rules a decision was made under."""

    name: Text
    version: int


class Fact(StrictModel):
    """What every fact carries. ``fact_id``: UUIDv5 of what the fact is about."""

    model_config = ConfigDict(strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True)

    fact: str
    fact_id: str
    account_id: Id


class CycleFact(Fact):
    """What every fact of a cycle carries. ``segment``: the customer's, as known when the fact became
    final, null without a profile."""

    cycle_payday: LocalDate
    employer_id: Id
    segment: Text | None
    playbook: PlaybookRef


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


class CurvePoint(StrictModel):
    """The end of one day of a cycle: share of the pay retained, balance in minor units (R6, R7)."""

    day: int
    retained: Share | None
    balance: int | None


class Curve(CycleFact):
    """Curve points that became final together: at the close, and at the cycle's end (R8)."""

    fact: Literal["curve_point"] = "curve_point"
    payroll_source: PayrollSource
    currency: Currency
    points: list[CurvePoint]


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
    """The leaving transfers of a closed window, R2 order (O2)."""

    fact: Literal["outflow"] = "outflow"
    payroll_source: PayrollSource
    currency: Currency
    transfers: list[Leaving]


class HotAccount(Fact):
    """More postings of an account wait than may: the oldest are folded before their time, and what is not
    R2-later than the last of them is ``too_late`` (R11). Said once for each local ``day`` on which
    such a posting occurred; ``folded_to``: when the first of them that day did."""

    fact: Literal["hot_account"] = "hot_account"
    day: LocalDate
    pending_limit: int
    folded_to: Instant
    playbook: PlaybookRef
