"""The reorder buffer: postings wait until none can come before them, then are folded (R2, R3, R11)."""

from bisect import bisect_right

from streams.accounting import provisional
from streams.accounting.ledger import Ledger
from streams.fast.facts import FastFact
from streams.playbook.rules import Rules
from streams.state.account import Account, Cycle
from streams.state.posting import Posting


def in_order(posting: Posting) -> tuple[int, str]:
    """The sort key of R2. Code points sort as their UTF-8 bytes do."""
    return (posting.at, posting.event_id)


def insert(account: Account, posting: Posting) -> None:
    """Put a posting where R2 wants it among the pending ones."""
    pending = account.pending
    if not pending or pending[-1].at < posting.at:
        pending.append(posting)
    else:
        place = bisect_right(pending, in_order(posting), key=in_order)
        pending.insert(place, posting)
        provisional.note_insert(account, place)
    if account.waiting is not None:
        account.waiting.add(posting)
    if posting.at > account.last_at:
        account.last_at = posting.at


def is_duplicate(account: Account, event_id: str) -> bool:
    """Whether an event_id is among the pending postings (R3). Settle first."""
    waiting = account.many_waiting()
    if waiting is not None:
        return event_id in waiting.event_ids
    return any(posting.event_id == event_id for posting in account.pending)


def is_folded_past(account: Account, posting: Posting) -> bool:
    """Whether a posting that is not R2-earlier was folded because too many waited (R11). One that
    is read again after that is no duplicate any more but as much too late."""
    return account.folded_to is not None and in_order(posting) <= account.folded_to


def settle(account: Account, horizon: int, rules: Rules) -> list[FastFact]:
    """Fold what happened before ``horizon`` (microseconds): nothing read later can precede it.

    Returns the facts that became final.
    """
    if account.folded_to is not None and rules.days.day_ends(account.folded_to[0]) <= horizon:
        account.folded_to = None  # all that is not too late by now is of a later day
    pending, cycle = account.pending, account.cycle
    if not (pending and pending[0].at < horizon) and (cycle is None or cycle.day_ends >= horizon):
        return []
    facts: list[FastFact] = []
    ledger = Ledger(account, rules, facts)
    folded = 0
    for posting in pending:
        if posting.at >= horizon:
            break
        ledger.post(posting)
        folded += 1
    ledger.pass_days(horizon - 1)
    _take_over(account, ledger, folded, horizon, rules)
    return facts


def fold_oldest(account: Account, count: int, rules: Rules) -> list[FastFact]:
    """Fold so many of the oldest pending postings before their time (R11).

    Returns the facts that became final. Nothing is taken in any more that R2 puts before them.
    """
    facts: list[FastFact] = []
    ledger = Ledger(account, rules, facts)
    for place in range(count):
        ledger.post(account.pending[place])
    last = in_order(account.pending[count - 1])
    account.folded_to = last
    _take_over(account, ledger, count, last[0], rules)
    return facts


def _take_over(account: Account, ledger: Ledger, folded: int, horizon: int, rules: Rules) -> None:
    if folded:
        _note_news(account, ledger.cycle, folded)
        _drop_pending(account, folded)
    provisional.note_folded(account, folded, ended=bool(ledger.left_behind))
    if account.has_alerts:
        # No posting of a day before the horizon's can be read any more.
        _drop_alerts(account, ledger, rules.days.ordinal(horizon))
    account.cycle = ledger.cycle


def _note_news(account: Account, cycle: Cycle | None, folded: int) -> None:
    # What was told of a payday may not be what has become of it: a playbook may have changed it unseen (B2), or it
    # was folded by a version that told nothing.
    if account.news is not None or account.told_as_folded:
        return
    if not account.has_told:
        is_news = cycle is not None and cycle.pay > 0
    else:
        is_news = any(account.pending[place].is_pay for place in range(folded))
    if is_news:
        account.news_to_tell()


def _drop_pending(account: Account, count: int) -> None:
    waiting, pending = account.waiting, account.pending
    gone = [] if waiting is None else pending[:count]
    del pending[:count]
    if waiting is not None:
        waiting.drop(gone, pending)


def _drop_alerts(account: Account, ledger: Ledger, today: int) -> None:
    # An alert of a cycle that is closed for good can get no further version, nor can a superseded one
    # once no credit of its payday can be read any more and its cycle is not there.
    over = {cycle.payday for cycle in ledger.left_behind}
    there = None if ledger.cycle is None else ledger.cycle.payday
    if ledger.cycle is not None and ledger.cycle.closed:
        over.add(ledger.cycle.payday)
    account.alerts = [
        alert
        for alert in account.alerts
        if alert.about not in over and not (alert.superseded and alert.about < today and alert.about != there)
    ]
