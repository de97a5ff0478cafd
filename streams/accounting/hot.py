"""Hot accounts: too many postings wait, so the oldest are folded before their time (R11)."""

from schemas.instant import format_instant
from streams.accounting import reorder
from streams.accounting.cycle_facts import deterministic_id
from streams.calendar.days import to_date
from streams.fast.facts import FastFact
from streams.fast.facts.hot_account import FastHotAccount
from streams.playbook.rules import Rules
from streams.state.account import Account

KIND = "hot_account"


def fold_oldest(account: Account, count: int, rules: Rules) -> list[FastFact]:
    """Fold so many of the oldest pending postings; returns what became final, and says so once a day.

    The day is the local one on which the last posting folded occurred: it needs no clock, and it never
    goes back.
    """
    before = account.folded_to
    facts = reorder.fold_oldest(account, count, rules)
    after = account.folded_to
    assert after is not None, "something was folded"
    day = rules.days.ordinal(after[0])
    if before is None or rules.days.ordinal(before[0]) < day:
        facts.append(_said(account.account_id, day, after[0], rules))
    return facts


def _said(account_id: str, day: int, folded_to: int, rules: Rules) -> FastHotAccount:
    on = to_date(day)
    return FastHotAccount(
        KIND,
        deterministic_id(account_id, on, KIND),
        account_id,
        on,
        rules.pending_limit,
        format_instant(folded_to),
        rules.playbook,
    )
