"""What accounts have told their employers' groups in the end, from the whole history at once (A1, E1).

Nothing is told here step by step: who was paid when, by whom and how much, and which cycles have closed, is what all
the records together must come to.
"""

from collections import defaultdict
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.reference.bank import Line, read, type_of
from tests.reference.buckets import totals
from tests.reference.cycles import Cycle, split
from tests.reference.facts import account_cycle
from tests.reference.model import Accepted, Known, Rules

Sums = dict[tuple[Any, ...], tuple[int, ...]]
EMPLOYERS = 2
"""An account remembers its last two employers (P1)."""
MOVERS = 3
"""Newly a mover: none of so many closes before was (A1)."""


class Together(NamedTuple):
    """``paid``: by employer, payday and the payday with this employer before: heads and pay. ``closed``: by employer,
    payday, class, whether newly a mover, and products: cycles, pay, kept and moved out."""

    paid: Sums
    closed: Sums


def told(
    lines: list[Line], *, timezone: str, bank_code: str | None, rules: Rules, until: datetime | None
) -> Together:
    """What all that is told of the lines of an events file comes to."""
    zone = ZoneInfo(timezone)
    _, accounts, clock = read(lines, zone, bank_code, rules, until)
    together = Together(defaultdict(tuple), defaultdict(tuple))
    for name, accepted in accounts.items():
        cycles = split(sorted(accepted.postings, key=lambda posting: posting.order), zone, rules)
        _add_paid(together.paid, cycles)
        _add_closed(together.closed, cycles, _known(accepted, clock), _products(lines, name))
    return Together(dict(together.paid), dict(together.closed))


def _known(accepted: Accepted, clock: datetime | None) -> Known:
    return Known(clock, accepted.folded_to)


def _add_paid(sums: Sums, cycles: list[Cycle]) -> None:
    """A cycle whose credits come to nothing was no payday."""
    last: dict[str | None, date] = {}
    for cycle in cycles:
        employer, pay = cycle.opening.employer_id, totals(cycle.postings)["pay"]
        if pay > 0:
            _add(sums, (employer, cycle.payday, last.get(employer)), 1, pay)
            last.pop(employer, None)
            last = dict([*last.items(), (employer, cycle.payday)][-EMPLOYERS:])


def _add_closed(sums: Sums, cycles: list[Cycle], known: Known, products: int | None) -> None:
    classes: list[str] = []
    for cycle in cycles:
        if cycle.void or not cycle.closed_by(known):
            continue
        fact = account_cycle(cycle)
        newly = fact["class"] == "transfer_out" and "transfer_out" not in classes[-MOVERS:]
        classes.append(fact["class"])
        gone = fact["moved_out"] + fact["spent"] - fact["returned"]
        kept = max(0, fact["pay"] - max(0, gone))
        about = (fact["employer_id"], cycle.payday, fact["class"], newly, products)
        _add(sums, about, 1, fact["pay"], kept, fact["moved_out"])


def _products(lines: list[Line], account: str) -> int | None:
    """Of the account's profile, which the histories have from the start on, or not at all."""
    profiles = [line["value"] for line in lines if type_of(line) == "profile" and line["key"] == account]
    return profiles[0]["product_count"] if profiles else None


def _add(sums: Sums, about: tuple[Any, ...], *more: int) -> None:
    known = sums[about] or (0,) * len(more)
    sums[about] = tuple(one + other for one, other in zip(known, more, strict=True))
