"""Sentences for people: what a task says on the phone list, on a screen, in the terminal.

Pure formatting. No personal data but the account id: no name, no counterparty, no balance.
"""

from decimal import Decimal
from typing import Final

from schemas.instant import HOUR, MINUTE
from schemas.tasks import Habitual, Task, TaskReason

# ISO 4217: digits of the minor unit where they are not two.
_MINOR_DIGITS: Final = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"), 0
    ),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}


def number(amount: int, currency: str) -> str:
    """Minor units → ``5 504.00``: thousands apart, as many decimals as the currency has."""
    digits = _MINOR_DIGITS.get(currency, 2)
    whole, rest = divmod(abs(amount), 10**digits)
    sign = "-" if amount < 0 else ""
    grouped = f"{whole:,}".replace(",", " ")
    return f"{sign}{grouped}.{rest:0{digits}d}" if digits else sign + grouped


def money(amount: int, currency: str) -> str:
    """Minor units → ``5 504.00 CZK``."""
    return f"{number(amount, currency)} {currency}".rstrip()


def percent(share: str | None) -> str | None:
    """A share with six decimals → ``53 %``, half-even; 0 % and 100 % mean exactly that. None stays None."""
    if share is None:
        return None
    exact = Decimal(share) * 100
    if 0 < exact < 1:
        return "under 1 %"
    return "over 99 %" if 99 < exact < 100 else f"{round(exact)} %"


def span(duration: int) -> str:
    """Microseconds → ``24 hours`` or, under an hour, ``40 minutes``; what is left over is cut off."""
    hours = duration // HOUR
    if hours:
        return _count(hours, "hour")
    return _count(duration // MINUTE, "minute")


def printable(text: str) -> str:
    """Text from outside for a terminal: what could steer the terminal becomes ``?``."""
    return "".join(one if one.isprintable() else "?" for one in text)


def sentence(task: Task) -> str:
    """One version of a task, in one sentence."""
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
    parts = [f"{who}: {_what(task)}", *_habits(task.reasons[-1], task.currency), *_still_there(task)]
    return f"{', '.join(parts)}; {_call(task)}."


def _what(task: Task) -> str:
    reason, currency = _newest(task.reasons), task.currency
    left = "left in one transfer" if reason.rule == "single_large" else "have left in transfers so far"
    limit = number(reason.threshold, currency)
    return f"{money(reason.observed, currency)} {left} {_when(task)} (limit {limit})"


def _newest(reasons: list[TaskReason]) -> TaskReason:
    # Of the rules that one transfer met together, the first is the plainest.
    return next(reason for reason in reasons if reason.event_id == reasons[-1].event_id)


def _when(task: Task) -> str:
    day = task.curve[-1].day if task.curve else None
    if day is None:
        return f"in the cycle of payday {task.cycle_payday}"
    if day == 0:
        return f"on payday {task.cycle_payday}"
    return f"{_count(day, 'day')} after payday {task.cycle_payday}"


def _habits(reason: TaskReason, currency: str) -> list[str]:
    return [] if reason.habitual is None else [_habit(reason.habitual, currency)]


def _habit(habit: Habitual, currency: str) -> str:
    day = "payday" if habit.day == 0 else f"day {habit.day}"
    return f"a habit (usually {number(habit.amount, currency)} on {day} at {habit.hour:02d}:00)"


def _still_there(task: Task) -> list[str]:
    share = percent(task.curve[-1].retained) if task.curve else None
    if share is None:
        return []
    return ["nothing of the pay is still there" if share == "0 %" else f"{share} of the pay is still there"]


def _call(task: Task) -> str:
    left = task.first_contact_due - task.created_at
    return f"call within {span(left)}" if left >= MINUTE else "the call is overdue"


def _count(number_of: int, what: str) -> str:
    return f"{number_of} {what}" if number_of == 1 else f"{number_of} {what}s"
