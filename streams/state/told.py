"""What an account tells the groups that it shares with others (A1)."""

from typing import NamedTuple

from schemas.facts import CycleClass


class PaidBy(NamedTuple):
    """That an employer paid an account: the payday of a cycle, its pay so far (minor units, positive), and the payday
    with this employer before, None for the first; days as ordinals."""

    employer_id: str
    payday: int
    pay: int
    previous: int | None


class Close(NamedTuple):
    """A cycle that closed (R8), as ``schemas.groups.Closed`` tells it."""

    employer_id: str
    payday: int
    cycle_class: CycleClass
    pay: int
    kept: int
    moved_out: int
    newly_mover: bool
    product_count: int | None


class News:
    """What has become final of an account since it last told anything: the cycles that have closed, and those that
    have ended with pay, in order. Nothing of either where only a credit was folded."""

    def __init__(self) -> None:
        self.closed: list[Close] = []
        self.ended: list[PaidBy] = []


class Told(NamedTuple):
    """One thing that is told, as of ``at`` (microseconds): what an employer paid appeared (``was`` None), became void
    (``became`` None) or changed; or a cycle closed."""

    at: int
    was: PaidBy | None = None
    became: PaidBy | None = None
    close: Close | None = None
