"""The postings' words of ``schemas.events`` for the hot path, which msgspec reads in a quarter of the time.

Only what a decision needs; ``reading`` decides when these words can stand in for pydantic's.
"""

from typing import Annotated, Any, ClassVar, Literal

import msgspec

from schemas.events import Direction, Kind, PayrollSource

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Text = Annotated[str, msgspec.Meta(max_length=64)]
_Money = Annotated[int, msgspec.Meta(ge=1, le=10**15)]
_Balance = Annotated[int, msgspec.Meta(ge=-(10**18), le=10**18)]
_Channel = Literal["mobile", "online", "counter", "atm", "pos", "batch", "other"]


class FastCounterparty(msgspec.Struct, gc=False):
    """See ``schemas.events.Counterparty``."""

    bank_code: _Text
    account_ref: _Text
    same_name: bool


class _FastMerchant(msgspec.Struct, gc=False):
    id: _Text
    in_network: bool


class FastTransfer(msgspec.Struct, tag_field="type", tag="transfer", gc=False):
    """See ``schemas.events.Transfer``. ``occurred_at`` becomes microseconds once decoded, and ``currency``
    is still to be judged (see ``reading``)."""

    type: ClassVar[Literal["transfer"]] = "transfer"
    event_id: _Id
    account_id: _Id
    customer_id: _Id
    amount: _Money
    currency: str
    occurred_at: Any
    direction: Direction
    kind: Kind
    channel: _Channel
    balance_after: _Balance | None = None
    reverses: _Id | None = None
    counterparty: FastCounterparty | None = None
    merchant: _FastMerchant | None = None


class FastCredit(msgspec.Struct, tag_field="type", tag="payroll_credit", gc=False):
    """See ``schemas.events.PayrollCredit``, and ``LeanTransfer`` for what remains to be done."""

    type: ClassVar[Literal["payroll_credit"]] = "payroll_credit"
    event_id: _Id
    account_id: _Id
    customer_id: _Id
    employer_id: _Id
    payroll_source: PayrollSource
    amount: _Money
    currency: str
    occurred_at: Any
    balance_after: _Balance | None = None
    branch_id: _Text | None = None
    reverses: _Id | None = None


def texts(event: FastTransfer | FastCredit) -> tuple[str, ...]:
    """The event's free texts, those that may hold any character."""
    shared = event.event_id, event.account_id, event.customer_id, event.reverses or ""
    if isinstance(event, FastCredit):
        return *shared, event.employer_id, event.branch_id or ""
    party, merchant = event.counterparty, event.merchant
    return (
        *shared,
        *(() if party is None else (party.bank_code, party.account_ref)),
        *(() if merchant is None else (merchant.id,)),
    )
