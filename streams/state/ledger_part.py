"""The part that every posting needs: currency, last posting, pending postings, open cycle."""

from typing import Any, Final

import msgspec

from streams.state.account import NEVER, Account, Cycle
from streams.state.packing import pack
from streams.state.part import Part
from streams.state.posting import Posting
from streams.state.remembered import Hit

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
_Ledger = tuple[str | None, int, list[_Posting], _Cycle | None]

# Not strict: what does not fit 64 bits is written as text.
_DECODER: Final = msgspec.msgpack.Decoder(_Ledger, strict=False)


class LedgerPart(Part):
    """Currency, last posting, pending postings and open cycle, in one array."""

    def write(self, account: Account) -> bytes:
        """Nothing for an account that never had a posting."""
        cycle = account.cycle
        if cycle is None and account.last_at == -NEVER and account.currency is None and not account.pending:
            return b""
        return pack(
            (
                account.currency,
                account.last_at,
                [_of_posting(posting) for posting in account.pending],
                None if cycle is None else _of_cycle(cycle),
            )
        )

    def read(self, account: Account, payload: bytes) -> None:
        """The leaving transfers of the cycle stay encoded."""
        ledger: _Ledger = _DECODER.decode(payload)
        account.currency, account.last_at, pending, cycle = ledger
        account.pending = [Posting(*one) for one in pending]
        if cycle is not None:
            account.cycle = Cycle(*cycle)


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
