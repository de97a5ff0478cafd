"""What a simulated population is made of, and how often something goes wrong on the way."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Archetype(StrEnum):
    """How the holder of an account deals with the pay."""

    SETTLED_MOVER = "settled_mover"
    LOYAL = "loyal"
    SPENDER = "spender"
    MORTGAGE_PAYER = "mortgage_payer"
    SPLIT_PAY = "split_pay"
    THIRTEENTH_SALARY = "thirteenth_salary"
    PENSION = "pension"


@dataclass(frozen=True, slots=True)
class Rates:
    """Disturbances, each a share from 0 to 1; all 0 is a perfect producer.

    ``late``: of postings, arriving 1 to 20 hours after they occurred, within the allowed lateness.
    ``too_late``: of postings, arriving 26 to 72 hours after, beyond it.
    ``duplicate``: of postings, sent twice, the second time up to two hours later.
    ``reversed``: of postings, undone (冲正) within minutes or hours by one that ``reverses`` them;
    a credit undone is then paid again.
    ``malformed``: of postings, followed by a broken copy that no schema accepts.
    ``profile_update``: of accounts a month, a new profile after the one at the start.
    """

    late: float = 0.005
    too_late: float = 0.0005
    duplicate: float = 0.003
    reversed: float = 0.001
    malformed: float = 0.0
    profile_update: float = 0.05


DEFAULT_MIX = (
    (Archetype.SETTLED_MOVER, 0.30),
    (Archetype.LOYAL, 0.22),
    (Archetype.SPENDER, 0.16),
    (Archetype.MORTGAGE_PAYER, 0.10),
    (Archetype.SPLIT_PAY, 0.06),
    (Archetype.THIRTEENTH_SALARY, 0.06),
    (Archetype.PENSION, 0.10),
)
"""Archetypes and their weights, which need not add up to 1."""


@dataclass(frozen=True, slots=True)
class Population:
    """A bank's payroll customers over some months: the same value always simulates the same events.

    ``accounts``: how many. ``start``: first local day (Asia/Shanghai). ``months``: calendar months
    simulated from there. Money is in fen, CNY. Raises ``ValueError`` without an account or a month.
    """

    seed: int
    accounts: int
    start: date
    months: int
    rates: Rates = Rates()
    mix: tuple[tuple[Archetype, float], ...] = DEFAULT_MIX

    def __post_init__(self) -> None:
        if self.accounts < 1 or self.months < 1:
            raise ValueError("a population needs at least one account and one month")

    @property
    def end(self) -> date:
        """The first day that is no longer simulated; of a shorter month, its last day."""
        years, month = divmod(self.start.month - 1 + self.months, 12)
        year = self.start.year + years
        return date(year, month + 1, min(self.start.day, monthrange(year, month + 1)[1]))
