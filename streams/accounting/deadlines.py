"""When an account must be looked at although nothing was read for it (J8, X7)."""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Final

from schemas.instant import DAY, MINUTE
from streams.playbook.rules import Rules
from streams.state.account import NEVER, Account
from streams.state.waiting import first_credit

_FORGOTTEN_AFTER: Final = 400 * DAY
_GRID: Final = 10 * DAY


def next_deadline(account: Account, rules: Rules) -> int:
    """The next instant (microseconds) at which something of the account becomes due; it is due once
    the clock is later. ``NEVER`` if nothing does."""
    due = _cycle_deadline(account, rules)
    # Only a credit can close a cycle, or open one that has deadlines of its own.
    waiting = account.many_waiting()
    credit_at = first_credit(account.pending) if waiting is None else waiting.credit_at
    if credit_at < NEVER:
        due = min(due, credit_at + rules.lateness)
    if is_bare(account) and account.pending:
        due = min(due, account.pending[-1].at + rules.lateness)
    last_at = account.last_at
    if last_at > -NEVER and due > last_at + _FORGOTTEN_AFTER:  # else that comes first anyway
        due = min(due, forgotten_at(last_at))
    return due


def forgotten_at(last_at: int) -> int:
    """When an account goes whatever it holds: 400 days after its last posting (X7), rounded up
    to a ten-day grid, so that the deadline does not move with every posting."""
    return ((last_at + _FORGOTTEN_AFTER) // _GRID + 1) * _GRID


def _cycle_deadline(account: Account, rules: Rules) -> int:
    cycle = account.cycle
    if cycle is None:
        return NEVER
    rules = rules.of_edition(cycle.edition)
    last_day = rules.curve_days if cycle.closed else rules.window_days
    # No earlier than the day that is open: a deadline before it would be due again as soon as it has fired.
    return rules.days.midnight(cycle.payday + max(last_day, cycle.day) + 1) + rules.lateness


def is_bare(account: Account) -> bool:
    """Whether only pending postings keep the account: no cycle, history, profile or open task."""
    return account.cycle is None and not (account.has_alerts or account.has_profile or account.has_history)


def is_over(account: Account, clock: int) -> bool:
    """Whether the account goes (X7). Settle first."""
    if account.last_at > -NEVER and clock > forgotten_at(account.last_at):
        return True
    return is_bare(account) and not account.pending


class DeadlineIndex:
    """Which accounts may be due, by the minute.

    Buckets rather than a heap of accounts: deadlines move, and a bucket with an entry that is no
    longer true costs one look at the account, not a place in a heap of millions.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, list[bytes]] = {}
        self._minutes: list[int] = []

    @property
    def earliest(self) -> int:
        """The beginning of the first minute that has an entry, microseconds; ``NEVER`` if none has."""
        return self._minutes[0] * MINUTE if self._minutes else NEVER

    def move(self, key: bytes, old: int, new: int) -> None:
        """An account's deadline has moved (microseconds, ``NEVER`` for none)."""
        if new == old:
            return
        minute = new // MINUTE
        if new == NEVER or minute == old // MINUTE:
            return
        bucket = self._buckets.get(minute)
        if bucket is None:
            self._buckets[minute] = [key]
            heappush(self._minutes, minute)
        else:
            bucket.append(key)

    def pop_due(self, clock: int) -> Iterator[tuple[int, bytes]]:
        """Take out every entry whose minute has begun before ``clock``: (its minute, account key).

        The account knows: its deadline may have moved to another minute (then it has an entry
        there), or may lie later in this one (then it must be put back with :meth:`put_back`).
        """
        while self._minutes and self._minutes[0] * MINUTE < clock:
            minute = heappop(self._minutes)
            for key in self._buckets.pop(minute):
                yield minute, key

    def put_back(self, key: bytes, due: int) -> None:
        """Undo a :meth:`pop_due` that came too early."""
        self.move(key, NEVER, due)
