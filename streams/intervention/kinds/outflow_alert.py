"""``outflow_alert``: money leaves after payday; R9 over folded and pending postings together (T1, T2)."""

from typing import Final

from schemas.instant import HOUR, MINUTE
from streams.intervention.kind import Finding, Kind, Terms, is_undone
from streams.playbook.rules import Rules
from streams.state.account import Account, Cycle
from streams.state.posting import Effect, Posting
from streams.state.remembered import Hit
from streams.wording.sentences import count, money, number, percent, printable, span
from streams.wording.spoken import Spoken, SpokenHabit, SpokenReason

_CAN_CHANGE_A_RULE: Final = frozenset({Effect.CREDIT, Effect.LESS_CREDIT, Effect.LESS_MOVED_OUT})


class OutflowAlert(Kind):
    """One task a cycle, raised by the first flag that holds and updated by the others."""

    def may_matter(self, account: Account, read: Posting) -> bool:
        """A leaving transfer; or what can change a rule, where something has left."""
        if read.effect == Effect.LEAVING:
            return True
        if read.effect not in _CAN_CHANGE_A_RULE:
            return False
        return account.has_alerts or _has_leaving(account)

    def find(self, account: Account, cycles: list[Cycle], rules: Rules) -> list[Finding]:
        """The flags of each cycle that is not final; a transfer may be undone in a later cycle than its own."""
        final = account.cycle.payday if account.cycle is not None and account.cycle.closed else None
        undone = [cycle.undone for cycle in cycles if cycle.undone]
        return [
            Finding(
                cycle.payday,
                cycle,
                [hit for hit in cycle.hits if not is_undone(hit.event_id, undone)],
                undone,
            )
            for cycle in cycles
            if cycle.hits and cycle.payday != final
        ]

    def terms(self, reasons: list[Hit], rules: Rules) -> Terms:
        """Less urgent where every reason is a habit (T3)."""
        alert = rules.book.alert
        habitual = all(hit.habit is not None for hit in reasons)
        return Terms(
            alert.habitual_priority if habitual else alert.priority,
            alert.first_contact_hours * HOUR,
            alert.close_hours * HOUR,
        )

    def say(self, task: Spoken, left: int, language: str) -> str:
        """What left, when, what of the pay is still there, and what to do."""
        return _in_english(task, left) if language == "en" else _in_chinese(task, left)


KIND: Final = OutflowAlert("outflow_alert")


def _has_leaving(account: Account) -> bool:
    waiting = account.many_waiting()
    if waiting is not None:
        return waiting.leaving > 0
    return any(posting.effect == Effect.LEAVING for posting in account.pending)


def _newest(task: Spoken) -> SpokenReason:
    # Of the rules that one transfer met together, the first is the plainest.
    last = task.reasons[-1].event_id
    return next(reason for reason in task.reasons if reason.event_id == last)


def _in_english(task: Spoken, left: int) -> str:
    who = f"Account {printable(task.account_id)}"
    if task.ended_by == "cancelled":
        return (
            f"{who}: the money that left after payday {task.cycle_payday} has come back, every transfer the alert "
            "tells of was reversed; nothing to do."
        )
    if task.status == "superseded":
        return (
            f"{who}: the alert for payday {task.cycle_payday} no longer holds, a late credit moved the "
            "payday; nothing to do."
        )
    if task.version > 1:
        who += f" (update {task.version})"
    parts = [f"{who}: {_what(task)}"]
    habit = task.reasons[-1].habitual
    if habit is not None:
        parts.append(_habit(habit, task.currency))
    share = percent(task.curve[-1].retained) if task.curve else None
    if share is not None:
        still = "nothing" if share == "0 %" else share
        parts.append(f"{still} of the pay is still there")
    call = f"call within {span(left)}" if left >= MINUTE else "the call is overdue"
    return f"{', '.join(parts)}; {call}."


def _what(task: Spoken) -> str:
    reason, currency = _newest(task), task.currency
    how = "left in one transfer" if reason.rule == "single_large" else "have left in transfers so far"
    limit = number(reason.threshold, currency)
    return f"{money(reason.observed, currency)} {how} {_when(task)} (limit {limit})"


def _when(task: Spoken) -> str:
    if not task.curve:
        return f"in the cycle of payday {task.cycle_payday}"
    day = task.curve[-1].day
    if day == 0:
        return f"on payday {task.cycle_payday}"
    return f"{count(day, 'day')} after payday {task.cycle_payday}"


def _habit(habit: SpokenHabit, currency: str) -> str:
    day = "payday" if habit.day == 0 else f"day {habit.day}"
    return f"a habit (usually {number(habit.amount, currency)} on {day} at {habit.hour:02d}:00)"


def _in_chinese(task: Spoken, left: int) -> str:
    who, payday = f"账户{printable(task.account_id)}", f"发薪日{task.cycle_payday}"
    if task.ended_by == "cancelled":
        return f"{who}：{payday}后转出的资金已退回，提醒所列转账均已冲正，无需处理。"
    if task.status == "superseded":
        return f"{who}：补到一笔更早的工资入账，发薪日已变，原{payday}的提醒作废，无需处理。"
    if task.version > 1:
        who += f"（第{task.version}版）"
    parts = [f"{who}：{_what_zh(task, payday)}"]
    habit = task.reasons[-1].habitual
    if habit is not None:
        day = "发薪日当天" if habit.day == 0 else f"发薪后第{habit.day}天"
        usual = number(habit.amount, task.currency, "zh")
        parts.append(f"属习惯性转账（通常在{day}{habit.hour}点左右转出{usual}）")
    share = percent(task.curve[-1].retained, "zh") if task.curve else None
    if share is not None:
        parts.append("工资已无剩余" if share == "0%" else f"工资还剩{share}")
    call = f"请在{span(left, 'zh')}内致电客户" if left >= MINUTE else "已过致电时限，请尽快联系客户"
    return f"{'，'.join(parts)}；{call}。"


def _what_zh(task: Spoken, payday: str) -> str:
    reason, currency = _newest(task), task.currency
    how = "单笔转出" if reason.rule == "single_large" else "累计转出"
    limit = number(reason.threshold, currency, "zh")
    return f"{_when_zh(task, payday)}{how}{money(reason.observed, currency, 'zh')}（提醒线{limit}）"


def _when_zh(task: Spoken, payday: str) -> str:
    if not task.curve:
        return f"{payday}所在周期内"
    day = task.curve[-1].day
    return f"{payday}当天" if day == 0 else f"{payday}后第{day}天"
