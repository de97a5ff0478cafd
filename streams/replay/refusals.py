"""What of an events file was refused: which lines, why, and which line had moved the clock that they were too late by.

One line with an instant far ahead makes all that follow it too late, and so does a file that is not in the order of
the log; either way it helps to know where the clock came from.
"""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.dead import Reason, Rejection
from streams.journal.eventsfile import Line
from streams.journal.outputs import DeadRecord


class DeadLine(NamedTuple):
    """A refused record: its line, counted from 1, and where it stood in the log as far as the line says it."""

    number: int
    rejection: Rejection
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None


class Mover:
    """A line that moved the clock. ``number``: from 1; ``instant``: to where, microseconds; ``too_late``: how many
    lines were too late before another one moved it on."""

    def __init__(self, number: int, instant: int) -> None:
        self.number = number
        self.instant = instant
        self.too_late = 0


class Refusals:
    """Keeps account of a file's refused lines, by the partition that each line was given to."""

    def __init__(self) -> None:
        self.dead: list[DeadLine] = []
        self.mover: Mover | None = None
        self._given: dict[int | None, list[tuple[int, Line, Mover | None]]] = {}
        self._movers: dict[int | None, Mover] = {}

    def unread(self, number: int, rejection: Rejection, line: Line | None = None) -> None:
        """A line that no partition was given."""
        self._note(number, rejection, line)

    def moved(self, number: int, line: Line, clock: int) -> None:
        """A line moved its partition's clock to ``clock`` (microseconds)."""
        self._movers[line.partition] = Mover(number, clock)

    def given(self, number: int, line: Line, partition: int | None) -> None:
        """A line was read by a partition, and has moved the clock if it does so."""
        self._given.setdefault(partition, []).append((number, line, self._movers.get(partition)))

    def taken(self, partition: int | None, dead: Iterable[DeadRecord]) -> None:
        """Which of the lines given to a partition since the last time were refused, by their places."""
        given = self._given.pop(partition, [])
        for place, rejection in dead:
            number, line, mover = given[place]
            self._note(number, rejection, line)
            if rejection.reason is Reason.TOO_LATE and mover is not None:
                self._blame(mover)

    def in_order(self) -> list[DeadLine]:
        """All refused lines, in the order of the file."""
        return sorted(self.dead, key=lambda one: one.number)

    def _note(self, number: int, rejection: Rejection, line: Line | None) -> None:
        where = () if line is None else (line.topic, line.partition, line.offset)
        self.dead.append(DeadLine(number, rejection, *where))

    def _blame(self, mover: Mover) -> None:
        mover.too_late += 1
        if self.mover is None or mover.too_late > self.mover.too_late:
            self.mover = mover
