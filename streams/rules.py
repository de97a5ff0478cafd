"""The playbook, unpacked for the hot path: integers, exact fractions, local days."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from schemas.instant import HOUR
from schemas.playbook import Playbook
from streams.days import Days
from streams.facts import PlaybookRef


@dataclass(frozen=True)
class Fraction:
    """An exact share: ``top / bottom``."""

    top: int
    bottom: int

    @classmethod
    def of(cls, share: Decimal) -> Self:
        """A decimal share as a fraction of integers."""
        top, bottom = share.as_integer_ratio()
        return cls(top, bottom)

    def ceil_of(self, amount: int) -> int:
        """The smallest integer that is at least this share of ``amount`` (minor units)."""
        return -(-self.top * amount // self.bottom)


@dataclass(frozen=True)
class Rules:
    """Everything a decision depends on besides the events and the clock. Durations in microseconds."""

    days: Days
    bank_code: str | None
    lateness: int
    pending_limit: int
    merge_days: int
    window_days: int
    curve_days: int
    loyal: Fraction
    min_amount: int
    single: Fraction
    cumulative: Fraction
    habit_amount: Fraction
    habit_days: int
    habit_of_last: int
    habit_at_least: int
    priority: int
    habitual_priority: int
    first_contact: int
    close: int
    playbook: PlaybookRef

    @classmethod
    def of(cls, book: Playbook) -> Self:
        """The rules a playbook states (DESIGN 9)."""
        accounting, flags, habit, alert = book.accounting, book.flags, book.habit, book.alert
        return cls(
            days=Days(book.bank.timezone),
            bank_code=book.bank.code,
            lateness=accounting.allowed_lateness_hours * HOUR,
            pending_limit=accounting.pending_limit,
            merge_days=accounting.merge_days,
            window_days=accounting.window_days,
            curve_days=accounting.curve_days,
            loyal=Fraction.of(accounting.loyal_share),
            min_amount=flags.min_amount,
            single=Fraction.of(flags.single_share),
            cumulative=Fraction.of(flags.cumulative_share),
            habit_amount=Fraction.of(habit.amount_tolerance),
            habit_days=habit.day_tolerance,
            habit_of_last=habit.of_last,
            habit_at_least=habit.at_least,
            priority=alert.priority,
            habitual_priority=alert.habitual_priority,
            first_contact=alert.first_contact_hours * HOUR,
            close=alert.close_hours * HOUR,
            playbook=PlaybookRef(book.name, book.version),
        )
