"""The reorder buffer: postings wait until none can come before them, then are folded (DESIGN R2, R3)."""

from bisect import insort

from streams.account import Account
from streams.facts import Fact
from streams.ledger import Ledger
from streams.posting import Posting
from streams.rules import Rules


def in_order(posting: Posting) -> tuple[int, str]:
    """The sort key of R2. Code points sort as their UTF-8 bytes do."""
    return (posting.at, posting.event_id)


def insert(account: Account, posting: Posting) -> None:
    """Put a posting where R2 wants it among the pending ones."""
    pending = account.pending
    if not pending or pending[-1].at < posting.at:
        pending.append(posting)
    else:
        insort(pending, posting, key=in_order)
    if posting.at > account.last_at:
        account.last_at = posting.at


def is_duplicate(account: Account, event_id: str) -> bool:
    """Whether an event_id is among the pending postings (DESIGN R3). Settle first."""
    return any(posting.event_id == event_id for posting in account.pending)


def settle(account: Account, horizon: int, rules: Rules) -> list[Fact]:
    """Fold what happened before ``horizon`` (microseconds): nothing read later can precede it.

    Returns the facts that became final.
    """
    pending, cycle = account.pending, account.cycle
    if not (pending and pending[0].at < horizon) and (cycle is None or cycle.day_ends >= horizon):
        return []
    facts: list[Fact] = []
    ledger = Ledger(account, rules, facts)
    folded = 0
    for posting in pending:
        if posting.at >= horizon:
            break
        ledger.post(posting)
        folded += 1
    del pending[:folded]
    ledger.pass_days(horizon - 1)
    if account.alerts:
        _drop_alerts(account, ledger, rules.days.ordinal(horizon))
    account.cycle = ledger.cycle
    return facts


def _drop_alerts(account: Account, ledger: Ledger, today: int) -> None:
    # An alert of a cycle that is closed for good can get no further version, nor can a superseded one
    # once no credit of its payday can be read any more.
    over = {cycle.payday for cycle in ledger.left_behind}
    if ledger.cycle is not None and ledger.cycle.closed:
        over.add(ledger.cycle.payday)
    account.alerts = [
        alert
        for alert in account.alerts
        if alert.payday not in over and not (alert.superseded and alert.payday < today)
    ]
