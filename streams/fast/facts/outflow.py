"""The money that left: the fast word, its table, its rows (O2, O4)."""

from typing import Final

import msgspec

from streams.fast.facts.base import CYCLE_COLUMNS, ENDING_COLUMNS, FastCycleFact, cycle_ends
from streams.fast.rows import LandedRow, Table, instant


class FastLeaving(msgspec.Struct, gc=False):
    """See ``schemas.facts.Leaving``; ``occurred_at`` as text."""

    event_id: str
    occurred_at: str
    day: int
    hour: int
    bank_code: str | None
    amount: int
    habitual: bool


class FastOutflow(FastCycleFact, gc=False):
    """See ``schemas.facts.Outflow``."""

    transfers: list[FastLeaving]


TABLE: Final = Table(
    "outflow",
    (
        *CYCLE_COLUMNS,
        *("event_id", "occurred_at", "day", "hour", "bank_code", "amount", "habitual"),
        *ENDING_COLUMNS,
    ),
    year_of="cycle_payday",
)
_read: Final = msgspec.json.Decoder(FastOutflow).decode


def rows(value: bytes, offset: int) -> list[LandedRow]:
    """One row a transfer."""
    outflow = _read(value)
    head, tail = cycle_ends(outflow, offset)
    return [
        LandedRow(
            TABLE.name,
            (
                *head,
                *(one.event_id, instant("occurred_at", one.occurred_at), one.day, one.hour),
                *(one.bank_code, one.amount, one.habitual),
                *tail,
            ),
        )
        for one in outflow.transfers
    ]
