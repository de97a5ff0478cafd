"""The playbook, unpacked for the hot path: integers, exact fractions, local days."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from schemas.instant import HOUR
from schemas.playbook import Playbook
from streams.calendar.days import Days
from streams.fast.facts import FastPlaybookRef

_BIC: Final = re.compile(r"([A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2})(XXX)?", re.ASCII)
"""ISO 9362 in capitals: a bank's eight characters, and perhaps XXX for its head office."""


def own_codes(code: str | None) -> frozenset[str]:
    """The codes that mean the bank itself: a BIC of eight characters is the one of eleven that ends in XXX."""
    bic = None if code is None else _BIC.fullmatch(code)
    if bic is not None:
        return frozenset({bic[1], f"{bic[1]}XXX"})
    return frozenset() if code is None else frozenset({code})


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
    """Everything a decision depends on besides the events and the clock. Durations in microseconds.

    ``book``: the playbook itself, for what is rarely asked: the part of a kind of task, the language."""

    days: Days
    bank_codes: frozenset[str]
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
    playbook: FastPlaybookRef
    book: Playbook

    @classmethod
    def of(cls, book: Playbook) -> Self:
        """The rules a playbook states (docs/rules.md#parameters)."""
        accounting, flags, habit = book.accounting, book.flags, book.habit
        return cls(
            days=Days(book.bank.timezone),
            bank_codes=own_codes(book.bank.code),
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
            playbook=FastPlaybookRef(book.name, book.version),
            book=book,
        )
