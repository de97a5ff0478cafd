"""Events in: what the journal and the type topics carry (J3)."""

from enum import StrEnum
from typing import Annotated, Literal, final

from pydantic import Field

from schemas.broadcasts import CalendarChange, PlaybookChange
from schemas.instant import Instant, LocalDate
from schemas.strict import AccountId, Balance, Currency, Id, Money, StrictModel, Text

PayrollSource = Literal["employed", "pension", "social"]
Direction = Literal["out", "in"]
Kind = Literal[
    "transfer",
    "consumption",
    "cash",
    "bill",
    "loan_repayment",
    "investment",
    "internal",
    "interest",
    "fee",
    "other",
]
Channel = Literal["mobile", "online", "counter", "atm", "pos", "batch", "other"]


class EventType(StrEnum):
    """The ``type`` of a journal record, in a field or a header."""

    PAYROLL_CREDIT = "payroll_credit"
    TRANSFER = "transfer"
    PROFILE = "profile"
    TASK_EVENT = "task_event"
    TICK = "tick"
    PLAYBOOK = "playbook"
    CALENDAR = "calendar"


class Counterparty(StrictModel):
    """The other side of a transfer; ``account_ref`` is a token, never a clear number."""

    bank_code: Text
    account_ref: Text
    same_name: bool


class Merchant(StrictModel):
    """Where a card was used."""

    id: Text
    in_network: bool


class PayrollCredit(StrictModel):
    """Wages, a pension or a benefit arriving. ``reverses`` names the credit undone (冲正)."""

    type: Literal["payroll_credit"] = "payroll_credit"
    event_id: Id
    account_id: AccountId
    customer_id: Id
    employer_id: Id
    payroll_source: PayrollSource
    amount: Money
    currency: Currency
    balance_after: Balance | None = None
    occurred_at: Instant
    branch_id: Text | None = None
    reverses: Id | None = None


class Transfer(StrictModel):
    """Any other posting: transfers, card payments, cash, bills, interest, fees."""

    type: Literal["transfer"] = "transfer"
    event_id: Id
    account_id: AccountId
    customer_id: Id
    amount: Money
    currency: Currency
    balance_after: Balance | None = None
    occurred_at: Instant
    reverses: Id | None = None
    direction: Direction
    kind: Kind
    counterparty: Counterparty | None = None
    channel: Channel
    merchant: Merchant | None = None


class Consent(StrictModel):
    """The channels on which the customer may be contacted."""

    sms: bool
    wechat: bool
    app: bool
    call: bool
    visit: bool


class Maturity(StrictModel):
    """A product of the customer that matures: local date, amount in minor units."""

    on: LocalDate
    amount: Money


class Profile(StrictModel):
    """What the bank knows of the customer; the latest one read holds."""

    type: Literal["profile"] = "profile"
    account_id: AccountId
    customer_id: Id
    aum: Balance
    product_count: Annotated[int, Field(ge=0, le=10_000)]
    segment: Text
    branch_id: Text
    area: Text
    manager_id: Text
    lifecycle_stage: Text
    onboarded_on: LocalDate
    vip: bool
    consent: Consent
    maturities: list[Maturity]


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


@final
class Tick(StrictModel):
    """The clock of a partition: the largest instant read so far (J5)."""

    type: Literal["tick"] = "tick"
    instant: Instant


Posting = PayrollCredit | Transfer
Event = PayrollCredit | Transfer | Profile | TaskEvent | Tick | PlaybookChange | CalendarChange
