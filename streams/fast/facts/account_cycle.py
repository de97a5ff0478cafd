"""A closed cycle: the fast word, its table, its row (O2, O4)."""

from typing import Final

import msgspec

from streams.fast.facts.base import CYCLE_COLUMNS, ENDING_COLUMNS, FastCycleFact, cycle_ends
from streams.fast.rows import LandedRow, Table, instant


class FastAccountCycle(FastCycleFact, gc=False, rename={"cycle_class": "class"}):
    """See ``schemas.facts.AccountCycle``; ``closed_at`` as text."""

    pay: int
    moved_out: int
    spent: int
    invested: int
    returned: int
    retained: list[str | None]
    balance: list[int | None]
    cycle_class: str | None
    truncated: bool
    flags: list[str]
    habitual_out: int
    closed_at: str


TABLE: Final = Table(
    "account_cycle",
    (
        *CYCLE_COLUMNS,
        *("pay", "moved_out", "spent", "invested", "returned", "retained", "balance", "class"),
        *("truncated", "flags", "habitual_out", "closed_at"),
        *ENDING_COLUMNS,
    ),
    year_of="cycle_payday",
)
_read: Final = msgspec.json.Decoder(FastAccountCycle).decode


def rows(value: bytes, offset: int) -> list[LandedRow]:
    """One row a cycle."""
    cycle = _read(value)
    head, tail = cycle_ends(cycle, offset)
    values = (
        *head,
        *(cycle.pay, cycle.moved_out, cycle.spent, cycle.invested, cycle.returned),
        *(cycle.retained, cycle.balance, cycle.cycle_class, cycle.truncated, cycle.flags),
        *(cycle.habitual_out, instant("closed_at", cycle.closed_at)),
        *tail,
    )
    return [LandedRow(TABLE.name, values)]
