"""The real-time alert: R9 over folded and pending postings together, as an event is read (DESIGN 4)."""

from schemas.facts import CurvePoint
from schemas.tasks import Habitual, Task, TaskReason, TaskStatus
from streams import closing, retention
from streams.account import Account, Cycle
from streams.curve import days
from streams.days import to_date
from streams.ledger import Ledger
from streams.parts import Alert, Hit
from streams.pattern import pattern_of
from streams.posting import Effect, Posting
from streams.rules import Rules

KIND = "outflow_alert"
_CAN_CHANGE_A_RULE = frozenset({Effect.CREDIT, Effect.LESS_CREDIT, Effect.LESS_MOVED_OUT})


def evaluate(account: Account, read: Posting, rules: Rules) -> list[Task]:
    """The task versions that a posting just read gives rise to."""
    if not _may_matter(account, read):
        return []
    ledger = Ledger.fork(account, rules)
    for posting in account.pending:
        ledger.post(posting)
    cycles = [*ledger.left_behind, *([ledger.cycle] if ledger.cycle is not None else [])]
    tasks = _supersede(account, cycles, read, rules)
    final = account.cycle.payday if account.cycle is not None and account.cycle.closed else None
    for cycle in cycles:
        if cycle.hits and cycle.payday != final:
            tasks.extend(_raise_or_update(account, cycle, rules))
    return tasks


def _may_matter(account: Account, read: Posting) -> bool:
    if read.effect == Effect.LEAVING:
        return True
    if read.effect not in _CAN_CHANGE_A_RULE:
        return False
    return bool(account.alerts) or any(one.effect == Effect.LEAVING for one in account.pending)


def _supersede(account: Account, cycles: list[Cycle], read: Posting, rules: Rules) -> list[Task]:
    # A late credit has moved the payday: the cycle the task was raised for does not exist.
    paydays = {cycle.payday for cycle in cycles}
    tasks = []
    for alert in account.alerts:
        if alert.superseded or alert.payday in paydays:
            continue
        alert.superseded = True
        alert.version += 1
        tasks.append(_task(account, cycles[-1], alert, "superseded", read.at, rules))
    return tasks


def _raise_or_update(account: Account, cycle: Cycle, rules: Rules) -> list[Task]:
    alert = next((known for known in account.alerts if known.payday == cycle.payday), None)
    if alert is None:
        alert = Alert(cycle.payday, 0, cycle.hits[0].at, [])
        account.alerts.append(alert)
    if alert.superseded:
        alert.superseded, alert.created_at, alert.hits = False, cycle.hits[0].at, []
    raised = {hit.rule for hit in alert.hits}
    tasks = []
    for hit in cycle.hits:
        if hit.rule not in raised:
            alert.hits.append(hit)
            alert.version += 1
            tasks.append(_task(account, cycle, alert, "open", hit.at, rules))
    return tasks


def _task(account: Account, cycle: Cycle, alert: Alert, status: TaskStatus, at: int, rules: Rules) -> Task:
    payday = to_date(alert.payday)
    profile = account.profile_of()
    habitual = all(hit.habit is not None for hit in alert.hits)
    return Task(
        task_id=closing.deterministic_id(account.account_id, payday, KIND),
        version=alert.version,
        kind="outflow_alert",
        status=status,
        account_id=account.account_id,
        customer_id=cycle.customer,
        cycle_payday=payday,
        employer_id=cycle.employer,
        currency=account.currency or "",
        segment=profile.segment if profile else None,
        pattern=pattern_of(account),
        priority=rules.habitual_priority if habitual else rules.priority,
        reasons=[_reason(hit) for hit in alert.hits],
        curve=_curve_so_far(cycle),
        playbook=rules.playbook,
        first_contact_due=alert.created_at + rules.first_contact,
        close_due=alert.created_at + rules.close,
        expires_at=alert.created_at + rules.close,
        branch_id=profile.branch_id if profile else None,
        area=profile.area if profile else None,
        manager_id=profile.manager_id if profile else None,
        offer=None,
        created_at=at,
    )


def _curve_so_far(cycle: Cycle) -> list[CurvePoint]:
    today = (retention.millionths(cycle.pay, cycle.gone), cycle.balance)
    return [
        CurvePoint(day=day, retained=retention.text(share), balance=balance)
        for day, (share, balance) in enumerate([*days(cycle.curve), today])
    ]


def _reason(hit: Hit) -> TaskReason:
    habit = None
    if hit.habit is not None:
        amount, day, hour = hit.habit
        habit = Habitual(amount=amount, day=day, hour=hour)
    return TaskReason(
        rule=hit.rule,  # type: ignore[arg-type]
        observed=hit.observed,
        threshold=hit.threshold,
        event_id=hit.event_id,
        habitual=habit,
    )
