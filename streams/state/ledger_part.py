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
_decode: Final = msgspec.msgpack.Decoder(_Ledger, strict=False).decode


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
        ledger: _Ledger = _decode(payload)
        account.currency, account.last_at, pending, cycle = ledger
        account.pending = [_to_posting(one) for one in pending]
        if cycle is not None:
            account.cycle = _to_cycle(cycle)


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


# Argument by argument: "*" would make a tuple of each, and take it apart again.
def _to_posting(one: _Posting) -> Posting:
    return Posting(one[0], one[1], one[2], one[3], one[4], one[5], one[6], one[7])


def _to_cycle(one: _Cycle) -> Cycle:
    return Cycle(
        one[0],
        one[1],
        one[2],
        one[3],
        one[4],
        one[5],
        one[6],
        one[7],
        one[8],
        one[9],
        one[10],
        one[11],
        one[12],
        one[13],
        one[14],
        one[15],
        one[16],
        one[17],
        one[18],
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
