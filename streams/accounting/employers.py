"""What an account tells the groups of its employers: paydays that appear, move or become void, and closes (A1, A4)."""

from typing import Final

from streams.accounting import provisional
from streams.accounting.cycle_ends import remembered
from streams.playbook.rules import Rules
from streams.state.account import Account
from streams.state.told import PaidBy, Told

AHEAD: Final = 1
"""Days that a payday may lie after the local day of ``at``, for the groups to take it."""
MOVES: Final = 28
"""Days. A payday that is further away from the one before is another one, and did not move."""


def paid_by(account: Account, rules: Rules) -> list[PaidBy]:
    """Who paid the account when, in each cycle that has not ended for good, by folded and pending postings together;
    a cycle without pay is none. Settle first."""
    ledger = provisional.ledger_of(account, rules)
    known = account.employers
    found: list[PaidBy] = []
    for cycle in [*ledger.left_behind, ledger.cycle]:
        if cycle is None or cycle.pay <= 0:
            continue
        previous = None
        for employer, payday in known:
            if employer == cycle.employer:
                previous = payday
        found.append(PaidBy(cycle.employer, cycle.payday, cycle.pay, previous))
        known = remembered(known, cycle.employer, cycle.payday)
    return found


def changes(before: list[PaidBy], after: list[PaidBy], clock: int | None, rules: Rules) -> list[Told]:
    """What to tell of what was and what is now. ``clock``: at which the change came, microseconds; None before the
    first tick."""
    gone = [one for one in before if one not in after]
    new = [one for one in after if one not in before]
    told: list[Told] = []
    for was, now in _paired(gone, new):
        payday = max(one.payday for one in (was, now) if one is not None)
        told.append(Told(instant(payday, clock, rules), was, now))
    return told


def closes(account: Account, clock: int | None, rules: Rules) -> list[Told]:
    """What has closed and was not told yet, as of ``clock`` or the due instant (microseconds)."""
    closed, account.closes = account.closes, []
    return [Told(instant(one.payday, clock, rules), close=one) for one in closed]


def instant(payday: int, clock: int | None, rules: Rules) -> int:
    """As of when something about a payday is told: the clock, or the beginning of the payday where there is no clock
    yet, or one that lags so far behind the postings that the groups would not take it. Microseconds."""
    if clock is not None and payday <= rules.days.ordinal(clock) + AHEAD:
        return clock
    return rules.days.midnight(payday)


def _paired(gone: list[PaidBy], new: list[PaidBy]) -> list[tuple[PaidBy | None, PaidBy | None]]:
    # Both ascend. What became of a payday is the first that is left and not too far away.
    pairs: list[tuple[PaidBy | None, PaidBy | None]] = []
    left = new[:]
    for was in gone:
        now = next((one for one in left if abs(one.payday - was.payday) < MOVES), None)
        pairs.append((was, now))
        if now is not None:
            left.remove(now)
    return [*pairs, *((None, one) for one in left)]
