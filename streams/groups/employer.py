"""An employer as its group knows it: what waited is taken in, and what is old enough is settled (E1, P1)."""

from datetime import date
from typing import Final

from streams.groups import keys
from streams.groups.entries import Entries
from streams.groups.filing import LONGEST
from streams.groups.paydays import GroupPayday, paydays
from streams.groups.rules import GroupRules
from streams.groups.state import Head, MonthSums, Observation, PaydaySums, Waiting

OBSERVATIONS: Final = 24
"""So many paydays are remembered (P1)."""
MONTHS: Final = 24
"""Of so many months of paydays the closed cycles are kept; what is older is dropped."""
SETTLED: Final = LONGEST + 28
"""Days after which a payday is settled: nothing is told of its dates any more, nor of any that could join it."""
FORGOTTEN: Final = 400
"""Days after the last record at which a group goes (A9)."""


class EmployerGroup:
    """The entries of an employer's group, loaded for the decision of one 04:00."""

    def __init__(self, entries: Entries, group: bytes, rules: GroupRules) -> None:
        self.group = group
        self.head = entries.get(keys.key_of(group, keys.HEAD), Head) or Head()
        self._entries = entries
        self._rules = rules
        self._dates = {day: self._sums(keys.PAYDAY, day) for day in self.head.dates}

    def paydays(self) -> list[GroupPayday]:
        """Those that are not settled, ascending."""
        return paydays(self._dates, self._rules.merge_days, self.head.settled_heads)

    def observations(self, open_ones: list[GroupPayday]) -> list[Observation]:
        """The last paydays that counted, ascending (P1). ``open_ones``: those that are not settled."""
        counted = [Observation(one.date, one.heads) for one in open_ones if one.counted]
        return (self.head.settled + counted)[-OBSERVATIONS:]

    def settle(self, day: int) -> list[GroupPayday]:
        """Settle the paydays that no longer change on ``day``: of them only what counted is remembered. Returns the
        others."""
        oldest = day - SETTLED
        found = self.paydays()
        settled = [one for one in found if one.first + self._rules.merge_days <= oldest]
        left = found[len(settled) :]
        self.head.settled = self.observations(settled)
        if settled:
            self.head.settled_heads = settled[-1].head_count
        if left:
            oldest = min(oldest, left[0].first)
        for old in [one for one in self._dates if one < oldest]:
            self._keep(old, PaydaySums())
        return left

    def take_in(self, waiting: Waiting, day: int) -> None:
        """Add what waited for the 04:00 of ``day``."""
        self._entries.put(keys.key_of(self.group, keys.WAITING, day), None)
        for payday in waiting.dates:
            key = keys.key_of(self.group, keys.WAITING_PAYDAY, day, payday)
            change = self._entries.get(key, PaydaySums)
            assert change is not None, "a date is listed when its sums are filed"
            self._entries.put(key, None)
            self._add(payday, change)
        self.head.heard |= waiting.heard
        self.head.goes = day + FORGOTTEN
        self._drop_months(day)

    def save(self) -> None:
        """Put everything back."""
        self.head.dates = sorted(self._dates)
        self._entries.put(keys.key_of(self.group, keys.HEAD), self.head)

    def forget(self) -> None:
        """Remove everything but what still waits."""
        for day in list(self._dates):
            self._keep(day, PaydaySums())
        for month in self.head.months:
            self._entries.put(keys.key_of(self.group, keys.MONTH, month), None)
        self._entries.put(keys.key_of(self.group, keys.HEAD), None)

    def _add(self, payday: int, change: PaydaySums) -> None:
        sums = self._dates.get(payday) or PaydaySums()
        sums.add(change)
        self._keep(payday, sums)
        if change.closed.count:
            first = date.fromordinal(payday).replace(day=1).toordinal()
            month = self._entries.get(keys.key_of(self.group, keys.MONTH, first), MonthSums) or MonthSums()
            month.closed.add(change.closed)
            self._entries.put(keys.key_of(self.group, keys.MONTH, first), month)
            self.head.months = sorted({*self.head.months, first})

    def _drop_months(self, day: int) -> None:
        today = date.fromordinal(day)
        index = today.year * 12 + today.month - 1 - MONTHS
        oldest = date(index // 12, index % 12 + 1, 1).toordinal()
        for month in [one for one in self.head.months if one <= oldest]:
            self._entries.put(keys.key_of(self.group, keys.MONTH, month), None)
            self.head.months.remove(month)

    def _keep(self, payday: int, sums: PaydaySums) -> None:
        # A date of which nothing is left has no entry, as if nothing had been told.
        nothing = sums.is_nothing
        if nothing:
            self._dates.pop(payday, None)
        else:
            self._dates[payday] = sums
        self._entries.put(keys.key_of(self.group, keys.PAYDAY, payday), None if nothing else sums)

    def _sums(self, kind: bytes, day: int) -> PaydaySums:
        sums = self._entries.get(keys.key_of(self.group, kind, day), PaydaySums)
        assert sums is not None, "the head lists what there is"
        return sums
