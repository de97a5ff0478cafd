"""The real-time alert: R9 over folded and pending postings together, as an event is read (T1, T2)."""

from schemas.instant import format_instant
from schemas.tasks import TaskEnd
from streams.accounting import cycle_facts, provisional, retention
from streams.accounting.curve import days
from streams.calendar.days import to_date
from streams.detection.pattern import pattern_of
from streams.fast.facts import FastPoint
from streams.fast.tasks import FastHabitual, FastReason, FastTask
from streams.playbook.rules import Rules
from streams.state.account import Account, Cycle
from streams.state.posting import Effect, Posting
from streams.state.remembered import Alert, Hit

KIND = "outflow_alert"
_CAN_CHANGE_A_RULE = frozenset({Effect.CREDIT, Effect.LESS_CREDIT, Effect.LESS_MOVED_OUT})


def evaluate(account: Account, read: Posting, rules: Rules) -> list[FastTask]:
    """The task versions that a posting just read gives rise to."""
    if not _may_matter(account, read):
        return []
    ledger = provisional.ledger_of(account, rules)
    cycles = [*ledger.left_behind, *([ledger.cycle] if ledger.cycle is not None else [])]
    tasks = _supersede(account, cycles, read, rules)
    final = account.cycle.payday if account.cycle is not None and account.cycle.closed else None
    undoing = [cycle for cycle in cycles if cycle.undone]
    for cycle in cycles:
        if cycle.hits and cycle.payday != final:
            tasks.extend(_raise_or_update(account, cycle, undoing, read, rules))
    return tasks


def _may_matter(account: Account, read: Posting) -> bool:
    if read.effect == Effect.LEAVING:
        return True
    if read.effect not in _CAN_CHANGE_A_RULE:
        return False
    return account.has_alerts or _has_leaving(account)


def _has_leaving(account: Account) -> bool:
    waiting = account.many_waiting()
    if waiting is not None:
        return waiting.leaving > 0
    return any(posting.effect == Effect.LEAVING for posting in account.pending)


def _supersede(account: Account, cycles: list[Cycle], read: Posting, rules: Rules) -> list[FastTask]:
    # A late credit has moved the payday: the cycle the task was raised for does not exist.
    paydays = {cycle.payday for cycle in cycles}
    tasks = []
    for alert in account.alerts:
        if alert.superseded or alert.payday in paydays:
            continue
        alert.superseded = True
        alert.version += 1
        tasks.append(_task(account, cycles[-1], alert, "payday_moved", read.at, rules))
    return tasks


def _raise_or_update(
    account: Account, cycle: Cycle, undoing: list[Cycle], read: Posting, rules: Rules
) -> list[FastTask]:
    # One version at most: of a new task, of one whose reasons have all been undone, or of one with a new reason.
    # ``undoing``: the cycles in which transfers were undone, this one's or those of one before.
    hits = [hit for hit in cycle.hits if not _is_undone(hit, undoing)]
    alert = next((known for known in account.alerts if known.payday == cycle.payday), None)
    if alert is None or alert.superseded:
        if not hits:
            return []
        alert = _opened(account, alert, cycle.payday, hits[0].at)
    elif all(_is_undone(hit, undoing) for hit in alert.hits):
        if not hits:
            return [_cancel(account, cycle, alert, read, rules)]
        alert.hits = []
    raised = {hit.rule for hit in alert.hits}
    new = [hit for hit in hits if hit.rule not in raised]
    if not new:
        return []
    alert.hits.extend(new)
    alert.version += 1
    return [_task(account, cycle, alert, None, new[-1].at, rules)]


def _is_undone(hit: Hit, undoing: list[Cycle]) -> bool:
    return any(hit.event_id in cycle.undone for cycle in undoing)


def _opened(account: Account, alert: Alert | None, payday: int, at: int) -> Alert:
    if alert is None:
        alert = Alert(payday, 0, at, [])
        account.alerts.append(alert)
    # One that was superseded is open again: the payday has come back, or money has left again.
    alert.superseded, alert.created_at, alert.hits = False, at, []
    return alert


def _cancel(account: Account, cycle: Cycle, alert: Alert, read: Posting, rules: Rules) -> FastTask:
    alert.superseded = True
    alert.version += 1
    return _task(account, cycle, alert, "cancelled", read.at, rules)


def _task(
    account: Account, cycle: Cycle, alert: Alert, ended_by: TaskEnd | None, at: int, rules: Rules
) -> FastTask:
    payday = to_date(alert.payday)
    profile = account.profile_of() if account.has_profile else None
    habitual = all(hit.habit is not None for hit in alert.hits)
    closes = format_instant(alert.created_at + rules.close)
    return FastTask(
        cycle_facts.deterministic_id(account.account_id, payday, KIND),
        alert.version,
        KIND,
        "open" if ended_by is None else "superseded",
        account.account_id,
        cycle.customer,
        payday,
        cycle.employer,
        account.currency or "",
        None if profile is None else profile.segment,
        pattern_of(account),
        rules.habitual_priority if habitual else rules.priority,
        [_reason(hit) for hit in alert.hits],
        _curve_so_far(cycle),
        rules.playbook,
        format_instant(alert.created_at + rules.first_contact),
        closes,  # what is closed by then expires then
        closes,
        None if profile is None else profile.branch_id,
        None if profile is None else profile.area,
        None if profile is None else profile.manager_id,
        None,  # no offer yet
        format_instant(at),
        ended_by,
    )


def _curve_so_far(cycle: Cycle) -> list[FastPoint]:
    today = (retention.millionths(cycle.pay, cycle.gone), cycle.balance)
    return [
        FastPoint(day, retention.text(share), balance)
        for day, (share, balance) in enumerate([*days(cycle.curve), today])
    ]


def _reason(hit: Hit) -> FastReason:
    habit = None
    if hit.habit is not None:
        amount, day, hour = hit.habit
        habit = FastHabitual(amount, day, hour)
    return FastReason(hit.rule, hit.observed, hit.threshold, hit.event_id, habit)
