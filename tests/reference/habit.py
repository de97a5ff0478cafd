"""Which out transfers are habitual (T3)."""

from tests.reference.cycles import Cycle
from tests.reference.model import Posting

OF_LAST = 4
AT_LEAST = 3
DAYS = 2


def habitual_out(cycle: Cycle, earlier: list[Cycle]) -> int:
    """The sum of the habitual out transfers before the close; ``earlier``: non-void cycles, in order."""
    return sum(p.amount for p in cycle.before_close if p.out_transfer and habitual(p, cycle, earlier))


def habitual(posting: Posting, cycle: Cycle, earlier: list[Cycle]) -> bool:
    """T3: something like it in at least three of the last four closed cycles."""
    lately = earlier[-OF_LAST:]
    seen = [any(_alike(posting, cycle, old, before) for old in looked_back_on(before)) for before in lately]
    return seen.count(True) >= AT_LEAST


def looked_back_on(cycle: Cycle) -> list[Posting]:
    """T3: the last out transfers of a cycle, ``pending_limit`` at most, up to DAYS after its window."""
    rules = cycle.rules
    last_day = rules.window_days + DAYS
    left = [p for p in cycle.postings if p.out_transfer and cycle.day_of(p) <= last_day]
    return left[-rules.leaving_limit :]


def _alike(posting: Posting, cycle: Cycle, old: Posting, before: Cycle) -> bool:
    """Same counterparty (null never), within a tenth of this amount and two days of this day."""
    if posting.counterparty is None or old.counterparty != posting.counterparty:
        return False
    near = abs(old.amount - posting.amount) * 10 <= posting.amount
    return near and abs(before.day_of(old) - cycle.day_of(posting)) <= DAYS
