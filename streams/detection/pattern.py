"""What kind of customer the last cycles show (T4)."""

from schemas.tasks import Pattern
from streams.state.account import Account

REMEMBERED = 6
"""How many classes are kept."""


def pattern_of(account: Account) -> Pattern | None:
    """A settled mover: ``transfer_out`` in two of the last three cycles, or a habitual transfer of
    flag size in one of them, whatever the class. Loyal: ``loyal`` in the last two, and no such habit."""
    recent = [(past.cycle_class, past.large_habit) for past in account.history[-3:]]
    cycle = account.cycle
    if cycle is not None and cycle.cycle_class is not None:
        recent = [*recent, (cycle.cycle_class, cycle.large_habit)][-3:]
    classes = [name for name, _ in recent]
    if classes.count("transfer_out") >= 2 or any(large for _, large in recent):
        return "settled_mover"
    if classes[-2:] == ["loyal", "loyal"]:
        return "loyal"
    return None
