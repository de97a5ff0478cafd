"""A payroll credit (J3, R4)."""

from typing import Literal

from schemas.events.posting import PayrollSource
from schemas.instant import Instant
from schemas.strict import AccountId, Balance, Currency, Id, Money, StrictModel, Text


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
