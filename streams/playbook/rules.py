"""The playbook, unpacked for the hot path: integers, exact fractions, local days."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple, Self

from schemas.broadcasts import CalendarChange
from schemas.instant import HOUR
from schemas.playbook import Playbook
from streams.calendar.days import Days
from streams.fast.facts import FastPlaybookRef

BEGINNING: Final = -(2**63) + 1
MOST_LEAVING: Final = 1_000
"""So many transfers a fact can carry whatever their ids hold: one has 700 bytes at most, a record a megabyte."""
CANCELLED: Final = 2**63 - 1
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

    ``leaving_limit``: how many leaving transfers, and reversals of them, a cycle looks back on (R11);
    ``book``: the playbook itself, for what is rarely asked: the part of a kind of task, the language."""

    days: Days
    bank_codes: frozenset[str]
    lateness: int
    pending_limit: int
    leaving_limit: int
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
    edition: int = 0
    in_force: "InForce | None" = None

    @classmethod
    def of(cls, book: Playbook, edition: int = 0, in_force: "InForce | None" = None) -> Self:
        """The rules a playbook states (docs/rules.md#parameters). ``edition``, ``in_force``: its number in a
        partition, and what else holds there."""
        accounting, flags, habit = book.accounting, book.flags, book.habit
        return cls(
            days=Days(book.bank.timezone),
            bank_codes=own_codes(book.bank.code),
            lateness=accounting.allowed_lateness_hours * HOUR,
            pending_limit=accounting.pending_limit,
            leaving_limit=min(accounting.pending_limit, MOST_LEAVING),
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
            edition=edition,
            in_force=in_force,
        )

    def at(self, instant: int) -> "Rules":
        """The rules in force at an instant (microseconds, A6)."""
        return self if self.in_force is None else self.in_force.at(instant)

    def is_outward(self, created_at: int) -> bool:
        """Whether what is created at an instant (microseconds) goes to the outward topics (B5)."""
        return self.in_force is None or self.in_force.is_outward(created_at)

    def of_edition(self, edition: int) -> "Rules":
        """The rules of an edition: what a cycle goes by until it ends (B2)."""
        if edition == self.edition or self.in_force is None:
            return self
        return self.in_force.of_edition(edition)


class Edition(NamedTuple):
    """A playbook as a partition knows it. ``since``: microseconds; ``BEGINNING`` for the first, ``CANCELLED``
    for one that another has replaced before it held. ``asked``: from when on it was published to hold."""

    number: int
    since: int
    book: Playbook
    asked: int


KnownCalendar = tuple[int, CalendarChange]
"""Since when a calendar holds (microseconds, ``BEGINNING`` for one read before the first tick), and it."""


KnownLive = tuple[int, int]
"""Since when it was known from when on what arises goes out (microseconds, ``BEGINNING`` before the first tick), and
from when on."""


class InForce:
    """Which playbook holds when, in one partition (A6). It never changes: a broadcast makes another one, so that
    an event keeps the one that was known when it was read. ``published``: whether it came through the log;
    ``foreseen``: whether the record of the first is still ahead (B4)."""

    def __init__(
        self,
        editions: list[Edition],
        *,
        published: bool = True,
        foreseen: bool = False,
        calendars: list[KnownCalendar] | None = None,
        lives: list[KnownLive] | None = None,
    ) -> None:
        self.calendars = [] if calendars is None else calendars
        self.lives = [] if lives is None else lives
        self.editions = editions
        self.published = published
        self.foreseen = foreseen
        self._rules = [Rules.of(edition.book, edition.number, self) for edition in editions]
        self._since = [edition.since for edition in editions]

    def but(
        self,
        *,
        editions: list[Edition] | None = None,
        foreseen: bool | None = None,
        calendars: list[KnownCalendar] | None = None,
        lives: list[KnownLive] | None = None,
    ) -> "InForce":
        """The same with other editions, which have come through the log, calendars or instants of going live."""
        return InForce(
            self.editions if editions is None else editions,
            published=self.published or editions is not None,
            foreseen=self.foreseen if foreseen is None else foreseen,
            calendars=self.calendars if calendars is None else calendars,
            lives=self.lives if lives is None else lives,
        )

    def at(self, instant: int) -> Rules:
        """The rules in force at an instant (microseconds); ``BEGINNING`` where there is no clock yet."""
        for place in range(len(self._rules) - 1, 0, -1):
            if self._since[place] <= instant:
                return self._rules[place]
        return self._rules[0]

    def is_outward(self, created_at: int) -> bool:
        """Whether what is created at an instant (microseconds) goes out: all of it before the first ``live`` (B5)."""
        known = [since for read_at, since in self.lives if read_at <= created_at]
        return not known or known[-1] <= created_at

    def calendar_at(self, instant: int) -> CalendarChange | None:
        """The calendar in force at an instant (microseconds, P8); None before the first."""
        known = [calendar for since, calendar in self.calendars if since <= instant]
        return known[-1] if known else None

    def of_edition(self, edition: int) -> Rules:
        """The rules of an edition; of the oldest that is kept, if it is not."""
        for rules in self._rules:
            if rules.edition == edition:
                return rules
        return self._rules[0]
