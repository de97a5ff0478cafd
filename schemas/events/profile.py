"""What the bank knows of a customer (J3)."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.instant import LocalDate
from schemas.strict import AccountId, Balance, Id, Money, StrictModel, Text


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
