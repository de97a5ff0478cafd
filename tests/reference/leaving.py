"""The facts of the money that left (R11, O2)."""

from uuid import UUID, uuid5

from tests.reference.cycles import Cycle
from tests.reference.habit import habitual
from tests.reference.model import Known, Outflows

NAMESPACE = UUID("6f1c2f0e-6a3b-5d0b-9c64-7d1f5e0b8a11")


def outflows(cycle: Cycle, earlier: list[Cycle], known: Known) -> Outflows:
    """R11: facts of equal length, the last one's apart. A cycle without pay at its close has only those that
    were told of before it."""
    left = [p for p in cycle.before_close if p.out_transfer]
    most = cycle.rules.leaving_limit
    closed = cycle.closed_by(known)
    if not closed or cycle.void:
        left = left[: told_before_the_close(len(left), most)]
    facts = []
    for first in range(0, len(left), most):
        some = left[first : first + most]
        facts.append(
            {
                "account_id": cycle.opening.account_id,
                "cycle_payday": cycle.payday.isoformat(),
                "fact_id": _fact_id(cycle, first),
                "transfers": [
                    (p.event_id, cycle.day_of(p), p.amount, habitual(p, cycle, earlier)) for p in some
                ],
            }
        )
    return Outflows(facts, closed)


def told_before_the_close(count: int, most: int) -> int:
    """R11: of more than twice ``most`` transfers the oldest ``most`` are told of at once, and so on."""
    told = 0
    while count - told > 2 * most:
        told += most
    return told


def _fact_id(cycle: Cycle, first: int) -> str:
    about = [cycle.opening.account_id, cycle.payday.isoformat(), "outflow", *([str(first)] if first else [])]
    return str(uuid5(NAMESPACE, "\x1f".join(about)))
