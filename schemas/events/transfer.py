"""Any posting that is no payroll credit (J3, R5)."""

from typing import Literal

from schemas.events.posting import Channel, Direction, Kind
from schemas.instant import Instant
from schemas.strict import AccountId, Balance, Currency, Id, Money, StrictModel, Text


class Counterparty(StrictModel):
    """The other side of a transfer; ``account_ref`` is a token, never a clear number."""

    bank_code: Text
    account_ref: Text
    same_name: bool


class Merchant(StrictModel):
    """Where a card was used."""

    id: Text
    in_network: bool


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
