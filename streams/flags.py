"""The two rules for large transfers after payday (DESIGN R9)."""

from typing import Final

from streams.account import Cycle
from streams.parts import Hit
from streams.posting import Posting
from streams.rules import Rules

SINGLE: Final = "single_large"
CUMULATIVE: Final = "cumulative_large"


def is_single_large(pay: int, amount: int, rules: Rules) -> bool:
    """Whether one transfer is large for the pay so far (both in minor units)."""
    return pay > 0 and amount >= max(rules.min_amount, rules.single.ceil_of(pay))


def note_hits(cycle: Cycle, posting: Posting, habit: tuple[int, int, int] | None, rules: Rules) -> None:
    """Record the rules that a leaving transfer, already counted in ``moved_out``, is the first to meet."""
    pay = cycle.pay
    if is_single_large(pay, posting.amount, rules):
        threshold = max(rules.min_amount, rules.single.ceil_of(pay))
        _note(cycle, Hit(SINGLE, posting.amount, threshold, posting.event_id, posting.at, habit))
    threshold = max(rules.min_amount, rules.cumulative.ceil_of(pay))
    if pay > 0 and cycle.moved_out >= threshold:
        _note(cycle, Hit(CUMULATIVE, cycle.moved_out, threshold, posting.event_id, posting.at, habit))


def _note(cycle: Cycle, hit: Hit) -> None:
    if all(known.rule != hit.rule for known in cycle.hits):
        cycle.hits.append(hit)
