"""When a record came, and where a partition stood: what reading account by account remembers (J1, A6)."""

from typing import NamedTuple

from streams.journal.standing import StandingMark
from streams.playbook.rules import Rules


class Moment:
    """When a record came: the clock then, and when the log took it, microseconds; and the rules in force then."""

    def __init__(self, clock: int | None, recorded_at: int | None, rules: Rules) -> None:
        self.clock = clock
        self.recorded_at = recorded_at
        self.rules = rules


class Mark(NamedTuple):
    """Where a partition stood."""

    clock: int | None
    counted: tuple[int, int, int, int]
    dead: dict[str, int]
    lengths: tuple[int, int, int]
    changed: dict[bytes, bytes | None]
    standing: StandingMark


class OutOfTurnError(Exception):
    """A tick or a broadcast that has a key came to light when later records of other accounts had been applied."""
