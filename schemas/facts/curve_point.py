"""The balance curve (R6, R7, O2)."""

from typing import Literal

from schemas.events.posting import PayrollSource
from schemas.facts.base import CycleFact, Share
from schemas.strict import Currency, StrictModel


class CurvePoint(StrictModel):
    """The end of one day of a cycle: share of the pay retained, balance in minor units (R6, R7)."""

    day: int
    retained: Share | None
    balance: int | None


class Curve(CycleFact):
    """Curve points that became final together: at the close, and at the cycle's end (R8)."""

    fact: Literal["curve_point"] = "curve_point"
    payroll_source: PayrollSource
    currency: Currency
    points: list[CurvePoint]
