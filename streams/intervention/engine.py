"""The life of tasks, whatever their kind: identity, versions, supersession, the gate (K13, T1, T2)."""

from typing import Final

from schemas.instant import format_instant
from schemas.tasks import TaskEnd
from streams.accounting import cycle_facts, provisional, retention
from streams.accounting.curve import days
from streams.calendar.days import to_date
from streams.detection.pattern import pattern_of
from streams.fast.emitted import Emitted
from streams.fast.facts import FastPoint
from streams.fast.facts.withheld import FastWithheld
from streams.fast.tasks import FastHabitual, FastReason, FastTask
from streams.intervention import gate
from streams.intervention.kind import Finding, Kind
from streams.intervention.kinds import KINDS
from streams.playbook.rules import Rules
from streams.state.account import Account, Cycle
from streams.state.posting import Effect, Posting
from streams.state.remembered import Hit, OpenTask

WITHHELD: Final = "withheld"
_KINDS: Final[list[Kind]] = list(KINDS.values())


def posted(account: Account, read: Posting, rules: Rules) -> list[Emitted]:
    """The task versions that a posting just read gives rise to: of a task, one at most. One that does not go out is a
    fact (B5)."""
    # A payday may move whatever a kind listens to.
    moves = read.effect == Effect.CREDIT and account.has_alerts
    tasks: list[Emitted] = []
    for kind in _KINDS:
        if moves or kind.may_matter(account, read):
            tasks.extend(_judge(kind, account, read, rules))
    return tasks


def _judge(kind: Kind, account: Account, read: Posting, rules: Rules) -> list[Emitted]:
    ledger = provisional.ledger_of(account, rules)
    cycles = [*ledger.left_behind, *([ledger.cycle] if ledger.cycle is not None else [])]
    tasks = _moved_away(kind, account, cycles, read, rules)
    for finding in kind.find(account, cycles, rules):
        tasks.extend(_raise_or_update(kind, account, finding, read, rules))
    return tasks


def _moved_away(
    kind: Kind, account: Account, cycles: list[Cycle], read: Posting, rules: Rules
) -> list[Emitted]:
    # A late credit has moved the payday: the cycle the task was raised for does not exist.
    paydays = {cycle.payday for cycle in cycles}
    return [
        _superseded(kind, account, cycles[-1], task, "payday_moved", read, rules)
        for task in account.alerts
        if task.kind == kind.name and not task.superseded and task.about not in paydays
    ]


def _raise_or_update(
    kind: Kind, account: Account, finding: Finding, read: Posting, rules: Rules
) -> list[Emitted]:
    # One version at most: of a new task, of one whose reasons have all been undone, or of one with a new reason.
    reasons = finding.reasons
    task = _known(kind, account, finding.about)
    if task is None or task.superseded:
        if not reasons:
            return []
        return _open(kind, account, task, finding, rules)
    if not any(finding.stands(hit) for hit in task.hits):
        if not reasons:
            return [_superseded(kind, account, finding.cycle, task, "cancelled", read, rules)]
        task.hits = []
    raised = {hit.rule for hit in task.hits}
    new = _first_of_each_rule(reasons, raised)
    if not new:
        return []
    task.hits.extend(new)
    task.version += 1
    return [_said(task, _version(kind, account, finding.cycle, task, None, new[-1].at, rules))]


def _known(kind: Kind, account: Account, about: int) -> OpenTask | None:
    for task in account.alerts:
        if task.about == about and task.kind == kind.name:
            return task
    return None


def _open(
    kind: Kind, account: Account, before: OpenTask | None, finding: Finding, rules: Rules
) -> list[Emitted]:
    # One that was superseded is open again: the payday has come back, or money has left again. Whether a task goes out
    # is decided once: nobody shall see its third version who has not seen the first.
    hits = _first_of_each_rule(finding.reasons, set())
    at = hits[0].at
    version = 1 if before is None else before.version + 1
    inward = not rules.is_outward(at) if before is None else before.inward
    task = OpenTask(finding.about, version, at, hits, False, kind.name, rules.edition, inward)
    made = _version(kind, account, finding.cycle, task, None, hits[-1].at, rules)
    if gate.refusal(made) is not None:
        return []
    if before is None:
        account.alerts.append(task)
    else:
        account.alerts[account.alerts.index(before)] = task
    return [_said(task, made)]


def _said(task: OpenTask, version: FastTask) -> Emitted:
    if not task.inward:
        return version
    known_by = cycle_facts.deterministic_id(version.task_id, version.version, WITHHELD)
    return FastWithheld(WITHHELD, known_by, version.account_id, version)


def _first_of_each_rule(reasons: list[Hit], raised: set[str]) -> list[Hit]:
    return [hit for hit in reasons if hit.rule not in raised]


def _superseded(
    kind: Kind, account: Account, cycle: Cycle, task: OpenTask, ended_by: TaskEnd, read: Posting, rules: Rules
) -> Emitted:
    task.superseded = True
    task.version += 1
    return _said(task, _version(kind, account, cycle, task, ended_by, read.at, rules))


def _version(
    kind: Kind,
    account: Account,
    cycle: Cycle,
    task: OpenTask,
    ended_by: TaskEnd | None,
    at: int,
    rules: Rules,
) -> FastTask:
    rules = rules.of_edition(task.edition)  # a task goes by one edition from its opening on (B2)
    about = to_date(task.about)
    profile = account.profile_of() if account.has_profile else None
    terms = kind.terms(task.hits, rules)
    first_contact, closes = (
        task.created_at + terms.first_contact,
        format_instant(task.created_at + terms.close),
    )
    version = FastTask(
        cycle_facts.deterministic_id(account.account_id, about, kind.name),
        task.version,
        kind.name,
        "open" if ended_by is None else "superseded",
        account.account_id,
        cycle.customer,
        about,
        cycle.employer,
        account.currency or "",
        None if profile is None else profile.segment,
        pattern_of(account),
        terms.priority,
        [_reason(hit) for hit in task.hits],
        _curve_so_far(cycle),
        rules.playbook,
        format_instant(first_contact),
        closes,  # what is closed by then expires then
        closes,
        None if profile is None else profile.branch_id,
        None if profile is None else profile.area,
        None if profile is None else profile.manager_id,
        None,  # no offer yet
        format_instant(at),
        ended_by,
        account.account_id,
        "",
    )
    version.sentence = kind.say(version, first_contact - at, rules.book.bank.language)
    return version


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
