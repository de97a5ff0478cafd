"""Points of the balance curve: the fast word, its table, its rows (R6, R7, O2, O4)."""

from typing import Final

import msgspec

from streams.fast.facts.base import CYCLE_COLUMNS, ENDING_COLUMNS, FastCycleFact, FastPoint, cycle_ends
from streams.fast.rows import LandedRow, Table


class FastCurve(FastCycleFact, gc=False):
    """See ``schemas.facts.Curve``."""

    points: list[FastPoint]


TABLE: Final = Table(
    "curve_point",
    (*CYCLE_COLUMNS, *("day", "retained", "balance"), *ENDING_COLUMNS),
    year_of="cycle_payday",
)
_read: Final = msgspec.json.Decoder(FastCurve).decode


def rows(value: bytes, offset: int) -> list[LandedRow]:
    """One row a day."""
    curve = _read(value)
    head, tail = cycle_ends(curve, offset)
    return [
        LandedRow(TABLE.name, (*head, point.day, point.retained, point.balance, *tail))
        for point in curve.points
    ]
