"""What an account tells the groups of its employers: paydays that appear, move or become void, and closes (A1, A4).

It remembers what it has told of each payday that may still change. So what it takes back is what it has said, even if
a playbook has changed the payday since, and nothing was read for the account (B2).
"""

from typing import Final

from streams.accounting import provisional
from streams.accounting.cycle_ends import paid_by, remembered
from streams.playbook.rules import Rules
from streams.state.account import AS_FOLDED, Account
from streams.state.told import PaidBy, Told

AHEAD: Final = 1
"""Days that a payday may lie after the local day of ``at``, for the groups to take it."""
FEW: Final = 8
"""So many are compared one by one sooner than a set of them is made."""
MOVES: Final = 28
"""Days. A payday that is further away from the one before is another one, and did not move."""


def paid(account: Account, clock: int | None, rules: Rules) -> list[Told]:
    """What to tell when a credit, or a reversal of one, was just read at ``clock`` (microseconds, None before the first
    tick), by folded and pending postings together."""
    before, now = _told_before(account), _provisional(account, rules)
    ended = _ended(account)
    if account.news is not None:
        account.news.ended = []
    account.packed_told = now
    return _changes(before, [*ended, *now], clock, rules)


def final(account: Account, clock: int | None, rules: Rules) -> list[Told]:
    """What to tell of what has become final, as of ``clock`` or the due instant (microseconds).

    It follows from folded postings alone: what is pending stays as it was told. So it makes no difference whether a
    playbook was read between the instant at which a deadline was due and the one at which it fires (A6).
    """
    before = _told_before(account)
    news, account.news = account.news_to_tell(), None
    if any(posting.is_pay for posting in account.pending):
        told = _of_ended(account, before, news.ended, clock, rules)
    else:
        now = _folded(account)
        account.packed_told = AS_FOLDED if now else b""
        told = _changes(before, [*news.ended, *now], clock, rules)
    return [*told, *(Told(instant(one.payday, clock, rules), close=one) for one in news.closed)]


def instant(payday: int, clock: int | None, rules: Rules) -> int:
    """As of when something about a payday is told: the clock, or the beginning of the payday where there is no clock
    yet, or one that lags so far behind the postings that the groups would not take it. Microseconds."""
    if clock is not None and payday <= rules.days.ordinal(clock) + AHEAD:
        return clock
    return rules.days.midnight(payday)


def _provisional(account: Account, rules: Rules) -> list[PaidBy]:
    # In each cycle that has not ended for good; one without pay is none.
    ledger = provisional.ledger_of(account, rules)
    known = account.employers
    found: list[PaidBy] = []
    for cycle in [*ledger.left_behind, ledger.cycle]:
        if cycle is not None and cycle.pay > 0:
            found.append(paid_by(cycle, known))
            known = remembered(known, cycle.employer, cycle.payday)
    return found


def _folded(account: Account) -> list[PaidBy]:
    cycle = account.cycle
    return [] if cycle is None or cycle.pay <= 0 else [paid_by(cycle, account.employers)]


def _told_before(account: Account) -> list[PaidBy]:
    if account.told_as_folded:
        return _ended(account)[:1] or _folded(account)
    return account.told


def _ended(account: Account) -> list[PaidBy]:
    return [] if account.news is None else account.news.ended


def _of_ended(
    account: Account, before: list[PaidBy], ended: list[PaidBy], clock: int | None, rules: Rules
) -> list[Told]:
    told: list[Told] = []
    left: list[PaidBy] = []
    for now, was in _paired(_without(ended, before), _without(before, ended)):
        if now is not None:
            told.append(_change(was, now, clock, rules))
        elif was is not None:
            left.append(was)
    account.packed_told = left
    return told


def _changes(before: list[PaidBy], after: list[PaidBy], clock: int | None, rules: Rules) -> list[Told]:
    if before == after:
        return []
    pairs = _paired(_without(before, after), _without(after, before))
    return [_change(was, now, clock, rules) for was, now in pairs]


def _change(was: PaidBy | None, now: PaidBy | None, clock: int | None, rules: Rules) -> Told:
    payday = max(one.payday for one in (was, now) if one is not None)
    return Told(instant(payday, clock, rules), was, now)


def _without(some: list[PaidBy], others: list[PaidBy]) -> list[PaidBy]:
    if len(others) > FEW:
        there = set(others)
        return [one for one in some if one not in there]
    return [one for one in some if one not in others]


def _paired(some: list[PaidBy], others: list[PaidBy]) -> list[tuple[PaidBy | None, PaidBy | None]]:
    # Both ascend. What became of a payday is the first that is left and not too far away.
    pairs: list[tuple[PaidBy | None, PaidBy | None]] = []
    left = others[:]
    for one in some:
        other = next((other for other in left if abs(other.payday - one.payday) < MOVES), None)
        pairs.append((one, other))
        if other is not None:
            left.remove(other)
    return [*pairs, *((None, other) for other in left)]
