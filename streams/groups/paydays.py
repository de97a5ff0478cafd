"""When an employer paid: dates → paydays, observations and the head count (P1)."""

from collections.abc import Mapping
from typing import NamedTuple

from streams.groups.state import ClosedSums, PaydaySums


class GroupPayday(NamedTuple):
    """A payday of an employer. ``first``: the first date on which somebody was paid; ``date``: the most frequent,
    earliest on ties; ``counted``: whether it is an observation; ``head_count``: H after it."""

    first: int
    date: int
    heads: int
    pay: int
    closed: ClosedSums
    counted: bool
    head_count: int


def paydays(dates: Mapping[int, PaydaySums], merge_days: int, head_count: int) -> list[GroupPayday]:
    """The paydays that dates (ordinals) come to, ascending. ``head_count``: H before the first of them.

    A date joins the payday whose first date is fewer than ``merge_days`` before it. All is worked out from the sums
    as they are now, so that it makes no difference when, and in what order, they came to be so.
    """
    found: list[GroupPayday] = []
    for first in _first_dates(dates, merge_days):
        payday = _payday(dates, first, merge_days, head_count)
        head_count = payday.head_count
        found.append(payday)
    return found


def _first_dates(dates: Mapping[int, PaydaySums], merge_days: int) -> list[int]:
    firsts: list[int] = []
    for date in sorted(dates):
        if dates[date].heads > 0 and (not firsts or date - firsts[-1] >= merge_days):
            firsts.append(date)
    return firsts


def _payday(dates: Mapping[int, PaydaySums], first: int, merge_days: int, head_count: int) -> GroupPayday:
    date, most, heads, pay = first, 0, 0, 0
    closed = ClosedSums()
    for day in range(first, first + merge_days):
        sums = dates.get(day)
        if sums is None:
            continue
        if sums.closed.count:  # even where a reversal after the close left nobody paid
            closed.add(sums.closed)
        if sums.heads > 0:
            heads, pay = heads + sums.heads, pay + sums.pay
        if sums.heads > most:
            date, most = day, sums.heads
    counted = 2 * heads > head_count
    after = max(heads, head_count - head_count // 4) if counted else head_count
    return GroupPayday(first, date, heads, pay, closed, counted, after)
