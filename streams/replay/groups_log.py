"""The groups log of a backtest: the file's, or one of its own that what accounts tell is appended to (F1)."""

from collections.abc import Callable, Iterable
from typing import Final, cast

from schemas.broadcasts import Broadcast, PlaybookChange
from schemas.groups import GROUPS
from schemas.instant import format_instant, parse_instant
from streams.calendar.hours import DailyHour
from streams.fast.emitted import Emitted
from streams.fast.employers import FastEmployerAnswer
from streams.fast.facts.employer_payday import FastEmployerPayday
from streams.fast.groups import FastClosed, FastWatermark
from streams.groups.partition import GroupsPartition
from streams.groups.rules import GroupRules
from streams.groups.statements import Statement
from streams.journal.ahead import look_ahead
from streams.journal.books import Books, PartitionRow, total
from streams.journal.eventsfile import OWN, Line
from streams.replay.look import Look
from streams.replay.refusals import DeadLine, Refusals
from streams.state.account import NEVER
from streams.state.table import take_over

Owner = Callable[[bytes, int], int]
"""The partition of a key, of so many."""
_NO_LINE: Final = 0
"""Stands for the line of what is in no file."""
_FOR_EVER: Final = parse_instant("8999-12-31T00:00:00Z")


class GroupsLog:
    """Folds the groups log. ``rules``: of a partition that has no playbook of its own; ``seen``: what a look at the file
    has told; ``owner``: None where all groups lie in the first partition."""

    def __init__(self, rules: GroupRules, seen: Look, owner: Owner | None) -> None:
        self._refusals = Refusals()
        self._rules = rules
        self._count = seen.partitions
        self._playbooks = seen.group_playbooks
        self._owner = owner
        self._partitions: dict[int, GroupsPartition] = {}
        self._tables: dict[int, dict[bytes, bytes]] = {}
        self._told_up_to = dict.fromkeys(seen.present, -NEVER)
        self._closed: dict[int, tuple[int, int]] = {}

    @property
    def hour(self) -> DailyHour:
        """The hour of decisions, 04:00 in the zone in force."""
        return (
            next(iter(self._partitions.values())).rules.decided if self._partitions else self._rules.decided
        )

    @property
    def books(self) -> Books:
        """Those of all partitions together."""
        return total(one.row.books for one in self._partitions.values())

    @property
    def clocks(self) -> dict[int, int | None]:
        """Each partition's, microseconds."""
        return {number: one.clock for number, one in self._partitions.items()}

    def earliest(self, journal: int) -> int:
        """Before this instant (microseconds) nothing is to be decided that waits for this journal partition alone;
        ``NEVER`` where nothing does at all."""
        first = min((one.earliest for one in self._partitions.values()), default=NEVER)
        others = (at for number, at in self._told_up_to.items() if number != journal)
        return first if all(at > first for at in others) else NEVER

    def begin(self, ahead: list[PlaybookChange]) -> None:
        """Be a log of our own. ``ahead``: the playbooks that it will hear of. Journal partitions of which the file has
        nothing keep nobody waiting."""
        for number in range(self._count):
            look_ahead(map(_broadcast, ahead), self._open(number).foresee)
        for silent in sorted({*range(self._count)} - self._told_up_to.keys()):
            self._watermark(silent, _FOR_EVER)

    def tell(self, journal: int, words: Iterable[Emitted], clock: int | None) -> None:
        """Append what a journal partition tells, and that nothing earlier than ``clock`` (microseconds) follows. Its
        own watermarks say less: at most one a minute."""
        for word in words:
            if isinstance(word, FastClosed):
                closed, moved = self._closed.get(journal, (0, 0))
                self._closed[journal] = closed + word.count, moved + word.newly_mover * word.count
            if not word.to_all:
                self._append(self.place_of(word.key), word)
        if clock is not None and clock > self._told_up_to.get(journal, -NEVER):
            self._told_up_to[journal] = clock
            self._watermark(journal, clock)

    def place_of(self, key: bytes | None) -> int:
        """The partition of a group."""
        return 0 if self._owner is None or key is None else self._owner(key, self._count)

    def repeat(self, change: Broadcast) -> None:
        """Append what is broadcast to both logs and stands in the journal."""
        for place in self._partitions:
            line = _broadcast(change)
            line.partition, line.partitions = place, self._count
            self.read(_NO_LINE, line)

    def dead(self) -> list[DeadLine]:
        """The refused lines of the file, in order."""
        return [one for one in self._refusals.in_order() if one.number != _NO_LINE]

    def read(self, number: int, line: Line) -> None:
        """Read a record, which stands in line ``number``."""
        place = line.partition or 0
        (self._partitions.get(place) or self._open(place)).read(line)
        self._refusals.given(number, line, place)

    def decide(self) -> list[Statement]:
        """Decide all that is due; returns what is said, by (instant, group)."""
        said: list[Statement] = []
        for place, partition in self._partitions.items():
            while partition.backlog:
                partition.work(partition.backlog)
                said += self._taken(place, partition)
        return sorted(said, key=order)

    def collect(self) -> None:
        """Take out what the partitions hold."""
        for place, partition in self._partitions.items():
            said = self._taken(place, partition)
            assert not said, "what is decided is taken at once"

    def advance(self, instant: int) -> None:
        """Move all clocks on to ``instant`` (microseconds), after the last line."""
        for partition in self._partitions.values():
            partition.advance(instant)

    def _taken(self, place: int, partition: GroupsPartition) -> list[Statement]:
        outputs = partition.take()
        self._refusals.taken(place, outputs.dead)
        take_over(self._tables[place], outputs.changed)
        return outputs.emitted

    def _watermark(self, journal: int, instant: int) -> None:
        closed, moved = self._closed.pop(journal, (0, 0))
        word = FastWatermark(journal, self._count, format_instant(instant), closed, moved)
        for place in self._partitions:
            self._append(place, word)

    def _append(self, place: int, word: Emitted) -> None:
        line = Line(GROUPS, word.key, word.to_json(), (OWN[GROUPS],), partition=place, partitions=self._count)
        self.read(_NO_LINE, line)

    def _open(self, place: int) -> GroupsPartition:
        owner, count = self._owner, self._count
        self._tables[place] = {}
        partition = self._partitions[place] = GroupsPartition(
            self._rules,
            self._tables[place],
            PartitionRow(),
            is_ours=None if owner is None else lambda key: owner(key, count) == place,
        )
        lines = [*self._playbooks.get(place, ()), *(self._playbooks.get(None, ()) if place == 0 else ())]
        look_ahead(lines, partition.foresee)
        return partition


def order(said: Statement) -> tuple[str, str]:
    """By what statements are in order: the 04:00 at which each was said, and its group."""
    word = cast(FastEmployerPayday | FastEmployerAnswer, said.word)
    return word.at, word.employer_id


def _broadcast(change: Broadcast) -> Line:
    return Line(GROUPS, None, change.model_dump_json().encode())
