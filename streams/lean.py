"""The hot path's reading of postings: the same words as ``schemas.events``, a quarter of the time.

msgspec reads only what a decision needs. It accepts a little more than pydantic does where it skips
(broken UTF-8 and endless nesting in fields it ignores), so such values are left to pydantic; and
what it refuses is given to pydantic too, which says why. A property test holds the two together.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

import msgspec

from schemas.dead import Rejection
from schemas.decode import decode
from schemas.events import Direction, Event, Kind, PayrollSource
from schemas.instant import parse_instant
from schemas.topics import MAX_VALUE_BYTES

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Text = Annotated[str, msgspec.Meta(max_length=64)]
_Money = Annotated[int, msgspec.Meta(ge=1, le=10**15)]
_Balance = Annotated[int, msgspec.Meta(ge=-(10**18), le=10**18)]
_Currency = Annotated[str, msgspec.Meta(min_length=3, max_length=3, pattern="^[A-Z]{3}$")]
_Channel = Literal["mobile", "online", "counter", "atm", "pos", "batch", "other"]
_DEEP: Final = 50


class LeanCounterparty(msgspec.Struct):
    """See ``schemas.events.Counterparty``."""

    bank_code: _Text
    account_ref: _Text
    same_name: bool


class _LeanMerchant(msgspec.Struct):
    id: _Text
    in_network: bool


class LeanTransfer(msgspec.Struct):
    """See ``schemas.events.Transfer``; ``occurred_at`` becomes microseconds once decoded."""

    event_id: _Id
    account_id: _Id
    customer_id: _Id
    amount: _Money
    currency: _Currency
    occurred_at: Any
    direction: Direction
    kind: Kind
    channel: _Channel
    balance_after: _Balance | None = None
    reverses: _Id | None = None
    counterparty: LeanCounterparty | None = None
    merchant: _LeanMerchant | None = None
    type: Literal["transfer"] = "transfer"


class LeanCredit(msgspec.Struct):
    """See ``schemas.events.PayrollCredit``; ``occurred_at`` becomes microseconds once decoded."""

    event_id: _Id
    account_id: _Id
    customer_id: _Id
    employer_id: _Id
    payroll_source: PayrollSource
    amount: _Money
    currency: _Currency
    occurred_at: Any
    balance_after: _Balance | None = None
    branch_id: _Text | None = None
    reverses: _Id | None = None
    type: Literal["payroll_credit"] = "payroll_credit"


class _TypedTransfer(LeanTransfer, kw_only=True):
    type: Literal["transfer"]


class _TypedCredit(LeanCredit, kw_only=True):
    type: Literal["payroll_credit"]


_TRANSFER: Final = msgspec.json.Decoder(_TypedTransfer).decode
_CREDIT: Final = msgspec.json.Decoder(_TypedCredit).decode
_BY_TYPE: Final[dict[bytes, Callable[[bytes], Any]]] = {
    b"transfer": msgspec.json.Decoder(LeanTransfer).decode,
    b"payroll_credit": msgspec.json.Decoder(LeanCredit).decode,
}


def read_event(
    value: bytes | None, type_name: bytes | None = None
) -> Event | LeanTransfer | LeanCredit | Rejection:
    """Like ``schemas.decode.decode``, to the same acceptance, the same meaning and the same reasons."""
    if (
        value is not None
        and len(value) <= MAX_VALUE_BYTES
        and value.isascii()
        and value.count(b"[") < _DEEP
        and value.count(b"{") < _DEEP
    ):
        read = _reader(value) if type_name is None else _BY_TYPE.get(type_name)
        if read is not None:
            try:
                event: LeanTransfer | LeanCredit = read(value)
                event.occurred_at = parse_instant(event.occurred_at)
                return event
            except ValueError:  # msgspec's errors are such, too; pydantic will say what is wrong
                pass
    return decode(value, type_name)


def _reader(value: bytes) -> Callable[[bytes], Any] | None:
    # Without a header the type stands in the value. A guess is enough: these readers ask for it.
    if value.find(b'"type":"transfer"') >= 0 or value.find(b'"type": "transfer"') >= 0:
        return _TRANSFER
    if value.find(b'"payroll_credit"') >= 0:
        return _CREDIT
    return None
