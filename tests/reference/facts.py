"""What is reported of a closed cycle (O2, R6 to R9)."""

from collections import Counter
from fractions import Fraction
from typing import Any

from tests.reference.buckets import retained, six_decimals, totals
from tests.reference.cycles import Cycle
from tests.reference.model import CurvePoint, Known, Rules


def account_cycle(cycle: Cycle) -> dict[str, Any]:
    """The fields of a line of ``cycles.jsonl`` (O6), without habitual_out."""
    sums = totals(cycle.before_close)
    points = [_point(cycle, day) for day in range(cycle.last_close_day + 1)]
    return {
        "account_id": cycle.opening.account_id,
        "cycle_payday": cycle.payday.isoformat(),
        "employer_id": cycle.opening.employer_id,
        "payroll_source": cycle.opening.payroll_source,
        "currency": cycle.opening.currency,
        "pay": sums["pay"],
        "moved_out": sums["moved_out"],
        "spent": sums["spent"],
        "invested": sums["invested"],
        "returned": sums["returned"],
        "retained": [share for _, share, _ in points],
        "balance": [balance for _, _, balance in points],
        "class": _class(cycle, sums),
        "truncated": cycle.truncated,
        "flags": flags(cycle),
    }


def curve(cycle: Cycle, known: Known) -> list[CurvePoint]:
    """R8: the curve of a closed cycle, its later days once the cycle has ended."""
    last = cycle.last_curve_day if cycle.ended_by(known) else cycle.last_close_day
    return [_point(cycle, day) for day in range(last + 1)]


def _point(cycle: Cycle, day: int) -> CurvePoint:
    """R6 and R7 at the end of one day."""
    postings = cycle.until_day(day)
    balances = [p.balance for p in postings if p.balance is not None]
    return day, six_decimals(retained(totals(postings))), balances[-1] if balances else None


def _class(cycle: Cycle, sums: Counter[str]) -> str:
    """R8."""
    share = retained(sums)
    if share is not None and share >= cycle.rules.loyal_share:
        return "loyal"
    return "transfer_out" if sums["moved_out"] >= sums["spent"] else "spend_down"


def flags(cycle: Cycle) -> list[str]:
    """R9: each out transfer up to the close against pay and moved_out so far."""
    rules, found = cycle.rules, set()
    for index, posting in enumerate(cycle.before_close):
        sums = totals(cycle.postings[: index + 1])
        if not posting.out_transfer or sums["pay"] <= 0:
            continue
        if _large(posting.amount, rules.single_share * sums["pay"], rules):
            found.add("single_large")
        if _large(sums["moved_out"], rules.cumulative_share * sums["pay"], rules):
            found.add("cumulative_large")
    return sorted(found)


def _large(amount: int, share_of_pay: Fraction, rules: Rules) -> bool:
    """At least the larger of ``min_amount`` and a share of the pay."""
    return amount >= rules.min_amount and amount >= share_of_pay
