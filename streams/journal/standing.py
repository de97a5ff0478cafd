"""What is in force in a partition as its broadcasts and answers come in, and the control rows that have changed (A5,
A6, B1, E2)."""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.answers import EmployerAnswer
from schemas.broadcasts import Broadcast, PlaybookChange
from schemas.dead import Rejection
from schemas.playbook import Playbook
from streams.fast.facts import FastFact
from streams.journal import control, playbook_facts
from streams.journal.known_employers import KnownEmployers
from streams.playbook.rules import InForce
from streams.state.keys import is_account


class Taken(NamedTuple):
    """What a broadcast came to: the facts that say so, why it was refused, whether it was known already."""

    facts: list[FastFact]
    refused: Rejection | None
    duplicate: bool = False


class StandingMark(NamedTuple):
    """Where it stood."""

    in_force: InForce
    rows: dict[bytes, bytes]
    employers: dict[bytes, bytes | None]


class Standing:
    """``first``: the playbook where ``stored`` has none; ``number``: the partition's, which its facts name, None where
    another log tells them."""

    def __init__(self, stored: Mapping[bytes, bytes], first: Playbook, number: int | None) -> None:
        self.in_force = control.in_force_of(stored, first)
        self.employers = KnownEmployers(stored)
        self._number = number
        self._held = {key for key in stored if not is_account(key)}
        self._rows: dict[bytes, bytes] = {}

    @property
    def row_count(self) -> int:
        """How many control rows the table holds once it has what was last taken."""
        return len(self._held)

    def foresee(self, change: PlaybookChange, clock: int | None) -> bool:
        """Let the first playbook hold before its record is read, from the beginning or over older state from ``clock``
        (microseconds) on; False if it is refused, or if there is one already (B4)."""
        if self.in_force.published:
            return False
        in_force = control.changed(self.in_force, change, clock)
        if in_force is None or isinstance(in_force, Rejection):
            return False
        self.in_force = in_force.but(foreseen=True)
        self._rows = control.rows_of(self.in_force)
        return True

    def read(self, change: Broadcast | EmployerAnswer, clock: int | None) -> Taken:
        """Take a broadcast, or an answer, that was read at ``clock`` (microseconds)."""
        if isinstance(change, EmployerAnswer):
            self.employers.note(change, clock)
            return Taken([], None)
        in_force = control.changed(self.in_force, change, clock)
        if in_force is None:
            return Taken([], None, duplicate=True)
        facts = self._facts(change, in_force, clock)
        if isinstance(in_force, Rejection):
            return Taken(facts, in_force)
        self.in_force = in_force
        self._rows = control.rows_of(in_force)
        return Taken(facts, None)

    def _facts(self, change: Broadcast, came_to: InForce | Rejection, clock: int | None) -> list[FastFact]:
        if self._number is None or not isinstance(change, PlaybookChange):
            return []
        if isinstance(came_to, Rejection):
            return [playbook_facts.refused(self._number, change, clock, came_to)]
        return [playbook_facts.taken(self._number, came_to.editions[-1], clock)]

    def take(self) -> dict[bytes, bytes | None]:
        """The control rows that have changed since the last take, None where one went; the caller stores them."""
        rows = {**self._rows, **self.employers.take()}
        self._rows = {}
        self._held -= rows.keys()
        self._held.update(key for key, value in rows.items() if value is not None)
        return rows

    def mark(self) -> StandingMark:
        """Where it stands now."""
        return StandingMark(self.in_force, dict(self._rows), self.employers.mark())

    def return_to(self, mark: StandingMark) -> None:
        """Go back there."""
        self.in_force, self._rows = mark.in_force, mark.rows
        self.employers.return_to(mark.employers)
