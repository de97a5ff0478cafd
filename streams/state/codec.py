"""An account ↔ one compact, versioned value of the table, decoded only when it is touched.

Layout: one MessagePack array, its first elements the format version and the next deadline
(microseconds; the largest signed value means none). Any real deadline takes the same eight bytes at the
same place, so that the index of deadlines is rebuilt after a recovery without decoding an account.
"""

import struct
from typing import Any, Final

import msgspec

from streams.state.account import NEVER, NOTHING, Account, Cycle
from streams.state.posting import Posting
from streams.state.remembered import Alert, Hit

FORMAT: Final = 2
LONG_FORMAT: Final = 3
"""Format 2 and three elements more, for the accounts that have one of them: up to where it was folded before
its time, which transfers were undone in the cycle, and its edition of the playbook."""
_ARRAY: Final = 0x9A
_LONG_ARRAY: Final = 0x9D
"""MessagePack's marks of an array of ten and of thirteen."""
_UINT64: Final = 0xCF
_DUE: Final = struct.Struct(">Q")

_Posting = tuple[int, str, int, int, int | None, str | None, str | None, str | None]
_Cycle = tuple[
    int,  # payday
    str,
    str,
    str,
    int,  # day
    int,
    int,  # pay
    int,
    int,
    int,
    int,
    int | None,  # balance
    int,
    bool,
    bytes,  # curve
    list[Hit],
    msgspec.Raw,  # leaving
    bool,
    str | None,
]
_Account = tuple[
    int,  # format
    int,  # due
    str,
    str | None,
    int,
    list[_Posting],
    _Cycle | None,
    msgspec.Raw,  # history
    list[Alert],
    msgspec.Raw,  # profile
]
_LongAccount = tuple[
    int,
    int,
    str,
    str | None,
    int,
    list[_Posting],
    _Cycle | None,
    msgspec.Raw,
    list[Alert],
    msgspec.Raw,
    tuple[int, str] | None,  # folded to
    list[str],  # undone
    int,  # edition
]

_ENCODER: Final = msgspec.msgpack.Encoder()
# Not strict: what does not fit 64 bits is written as text, see _wide.
_DECODER: Final = msgspec.msgpack.Decoder(_Account, strict=False)
_LONG_DECODER: Final = msgspec.msgpack.Decoder(_LongAccount, strict=False)


class StateFormatError(ValueError):
    """A state written by another version of the service."""


def encode(account: Account) -> bytes:
    """An account → bytes for the table."""
    state: tuple[Any, ...] = (
        FORMAT,
        account.due,
        account.account_id,
        account.currency,
        account.last_at,
        [_of_posting(posting) for posting in account.pending],
        None if account.cycle is None else _of_cycle(account.cycle),
        account.packed_history,
        account.alerts,
        account.profile,
    )
    cycle = account.cycle
    undone, edition = ([], 0) if cycle is None else (list(cycle.undone), cycle.edition)
    if undone or edition or account.folded_to is not None:
        state = (LONG_FORMAT, *state[1:], account.folded_to, undone, edition)
    try:
        value: bytes = _ENCODER.encode(state)
    except OverflowError:
        value = _ENCODER.encode(_wide(state))
    return value


def _of_posting(posting: Posting) -> _Posting:
    return (
        posting.at,
        posting.event_id,
        posting.effect,
        posting.amount,
        posting.balance,
        posting.who,
        posting.where,
        posting.customer,
    )


def _of_cycle(cycle: Cycle) -> tuple[Any, ...]:
    return (
        cycle.payday,
        cycle.employer,
        cycle.source,
        cycle.customer,
        cycle.day,
        cycle.day_ends,
        cycle.pay,
        cycle.moved_out,
        cycle.spent,
        cycle.invested,
        cycle.returned,
        cycle.balance,
        cycle.habitual_out,
        cycle.large_habit,
        cycle.curve,
        cycle.hits,
        cycle.packed_leaving,
        cycle.closed,
        cycle.cycle_class,
    )


def _wide(value: Any) -> Any:
    # MessagePack ends at 64 bits; sums of allowed amounts do not. The decoder reads text as a number.
    if isinstance(value, msgspec.Struct):
        return [_wide(getattr(value, name)) for name in value.__struct_fields__]
    if isinstance(value, list | tuple):
        return [_wide(one) for one in value]
    if type(value) is int and not -NEVER <= value <= NEVER:
        return str(value)
    return value


def decode(value: bytes) -> Account:
    """Bytes of the table → account. Raises ``StateFormatError`` for another format version."""
    folded_to: tuple[int, str] | None = None
    undone: list[str] = []
    edition = 0
    if value[0] == _ARRAY and value[1] == FORMAT:
        state: _Account = _DECODER.decode(value)
    elif value[0] == _LONG_ARRAY and value[1] == LONG_FORMAT:
        *plain, folded_to, undone, edition = _LONG_DECODER.decode(value)
        state = tuple(plain)
    else:
        raise _unknown_format(value)
    _, due, account_id, currency, last_at, pending, cycle, history, alerts, profile = state
    return Account(
        account_id,
        currency,
        last_at,
        [Posting(*one) for one in pending],
        None if cycle is None else Cycle(*cycle, dict.fromkeys(undone), edition),
        history,
        alerts,
        NOTHING if bytes(profile) == b"\xc0" else profile,
        due,
        folded_to,
    )


def _unknown_format(value: bytes) -> StateFormatError:
    found = value[value[0] in (_ARRAY, _LONG_ARRAY)]
    return StateFormatError(
        f"account state has format {found}, this version reads {FORMAT} and {LONG_FORMAT}: "
        "run the version that wrote it, or replay the journal into a new application id"
    )


def deadline_of(value: bytes) -> int:
    """The next deadline in a value of the table (microseconds, ``NEVER`` for none)."""
    if value[2] == _UINT64:
        return int(_DUE.unpack_from(value, 3)[0])
    return decode(value).due  # an instant before 1970-01-01T01:12
