"""The accounting rules a second time: the whole history at once, to compare the streaming code with.

Slow and plain on purpose; it shares no code with the service.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.reference.bank import Line, read
from tests.reference.cycles import Cycle, split
from tests.reference.facts import account_cycle, curve
from tests.reference.habit import habitual_out
from tests.reference.leaving import outflows
from tests.reference.model import Accepted, Known, Outcome, Result, Rules

__all__ = ["Outcome", "Result", "Rules", "reference"]


def reference(
    lines: list[Line],
    *,
    timezone: str = "Asia/Shanghai",
    bank_code: str | None = None,
    until: datetime | None = None,
    rules: Rules | Mapping[str, Any] | None = None,
) -> Result:
    """Everything sections 2 and 3 say about the lines of an events file, all of one partition."""
    zone = ZoneInfo(timezone)
    rules = rules if isinstance(rules, Rules) else Rules.of(rules or {})
    outcomes, accounts, clock = read(lines, zone, bank_code, rules, until)
    result = Result(outcomes=outcomes, counts=_counts(outcomes), clock=clock)
    for name, accepted in accounts.items():
        _add_account(result, accepted, zone, rules)
        result.hot += [(name, day.isoformat()) for day in accepted.hot_days]
    result.cycles.sort(key=lambda fact: (fact["account_id"], fact["cycle_payday"]))
    return result


def _add_account(result: Result, accepted: Accepted, zone: ZoneInfo, rules: Rules) -> None:
    """Facts of one account, R2 order, that are final by clock and horizon; void cycles have none (R8)."""
    postings = sorted(accepted.postings, key=lambda p: p.order)
    until = Known(result.clock, accepted.folded_to)
    lasting: list[Cycle] = []
    for cycle in split(postings, zone, rules):
        result.outflows.append(outflows(cycle, lasting, until))
        if cycle.void:
            continue
        earlier, lasting = lasting, [*lasting, cycle]
        if not cycle.closed_by(until):
            continue
        fact = account_cycle(cycle) | {"habitual_out": habitual_out(cycle, earlier)}
        result.cycles.append(fact)
        result.curves[fact["account_id"], fact["cycle_payday"]] = curve(cycle, until)


def _counts(outcomes: list[Outcome]) -> dict[str, Any]:
    """The books: read = applied + duplicate + dead (X4)."""
    dead = Counter(outcome[1] for outcome in outcomes if isinstance(outcome, tuple))
    applied, duplicate = outcomes.count("applied"), outcomes.count("duplicate")
    return {"read": len(outcomes), "applied": applied, "duplicate": duplicate, "dead": dict(dead)}
