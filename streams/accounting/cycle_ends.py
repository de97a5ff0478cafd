"""What is told of a cycle that closes (A1), and what is remembered of one that has ended (P1)."""

from typing import Final, cast

from schemas.facts import CycleClass
from streams.accounting import retention
from streams.state.account import Account, Cycle
from streams.state.remembered import Past
from streams.state.told import Close, PaidBy

EMPLOYERS: Final = 2
"""Of so many employers an account remembers the last payday."""
CLOSES: Final = 3
"""A mover is newly one if none of so many closes before was a mover's."""


def close_of(account: Account, cycle: Cycle, history: list[Past]) -> Close:
    """What to tell of a cycle that closes with pay. ``history``: the cycles before it, the oldest first."""
    profile = account.profile_of() if account.has_profile else None
    kept = retention.kept(cycle.pay, cycle.gone)
    assert kept is not None, "a cycle without pay is void"
    was_mover = any(past.cycle_class == "transfer_out" for past in history[-CLOSES:])
    return Close(
        cycle.employer,
        cycle.payday,
        cast(CycleClass, cycle.cycle_class),
        cycle.pay,
        kept,
        cycle.moved_out,
        cycle.cycle_class == "transfer_out" and not was_mover,
        None if profile is None else profile.product_count,
    )


def paid_by(cycle: Cycle, employers: list[tuple[str, int]]) -> PaidBy:
    """Who paid when in a cycle. ``employers``: those remembered before it."""
    return PaidBy(cycle.employer, cycle.payday, cycle.pay, previous_of(cycle.employer, employers))


def previous_of(employer: str, employers: list[tuple[str, int]]) -> int | None:
    """The last payday (ordinal) with an employer among those remembered; None for the first."""
    for known, payday in employers:
        if known == employer:
            return payday
    return None


def remembered(employers: list[tuple[str, int]], employer: str, payday: int) -> list[tuple[str, int]]:
    """Employers and the payday (ordinal) of the last cycle with each that has ended with pay, the latest last, once
    one more has."""
    others = [one for one in employers if one[0] != employer]
    return [*others, (employer, payday)][-EMPLOYERS:]
