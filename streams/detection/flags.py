"""The two rules for large transfers after payday (R9)."""

from typing import Final

from streams.playbook.rules import Rules
from streams.state.account import Cycle
from streams.state.posting import Posting
from streams.state.remembered import Hit

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
    # The first hit of a rule stands, unless its transfer has been undone.
    for place, known in enumerate(cycle.hits):
        if known.rule == hit.rule:
            if known.event_id in cycle.undone and hit.event_id not in cycle.undone:
                cycle.hits[place] = hit
            return
    cycle.hits.append(hit)


def note_undone(cycle: Cycle, event_id: str, rules: Rules) -> None:
    """A posting, already counted in ``moved_out``, undoes a transfer by name. The rules that it was the first
    to meet pass to one of the last that meets them still, by the pay and ``moved_out`` of now; none is taken
    back (R9)."""
    cycle.undone[event_id] = None
    if not cycle.closed and cycle.pay > 0:
        for place, hit in enumerate(cycle.hits):
            if hit.event_id == event_id:
                cycle.hits[place] = _passed_on(cycle, hit, rules)
    if len(cycle.undone) > 2 * rules.leaving_limit + len(cycle.hits):
        _forget_undone(cycle, rules.leaving_limit)


def _forget_undone(cycle: Cycle, left: int) -> None:
    # R11: the last are remembered, and those whose transfer is the first to have met a rule.
    first = len(cycle.undone) - left
    met = {hit.event_id for hit in cycle.hits}
    cycle.undone = {
        event_id: None for place, event_id in enumerate(cycle.undone) if place >= first or event_id in met
    }


def _passed_on(cycle: Cycle, hit: Hit, rules: Rules) -> Hit:
    left = [one for one in cycle.leaving[-rules.leaving_limit :] if one.event_id not in cycle.undone]
    if hit.rule == SINGLE:
        threshold = max(rules.min_amount, rules.single.ceil_of(cycle.pay))
        for one in left:
            if one.amount >= threshold:
                return Hit(SINGLE, one.amount, threshold, one.event_id, one.at, None)
    elif left:
        threshold = max(rules.min_amount, rules.cumulative.ceil_of(cycle.pay))
        if cycle.moved_out >= threshold:
            return Hit(CUMULATIVE, cycle.moved_out, threshold, left[-1].event_id, left[-1].at, None)
    return hit
