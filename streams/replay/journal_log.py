"""The partitions of the journal that a file has lines of, and their tables."""

from collections.abc import Callable, Iterator

from streams.fast.emitted import Emitted
from streams.journal.ahead import look_ahead
from streams.journal.books import PartitionRow
from streams.journal.eventsfile import Line
from streams.playbook.rules import BEGINNING, Rules
from streams.replay.groups_log import Owner
from streams.replay.look import Look
from streams.replay.refusals import Refusals
from streams.replay.stopping import StoppingPartition
from streams.state.keys import is_account
from streams.state.table import take_over


class Held:
    """A partition and its table. ``place``: as lines name it, None where they name none; ``number``: its own;
    ``is_ours``: as the partition judges keys; ``border``: no decision of a group is due before the clock passes it
    (microseconds)."""

    def __init__(
        self,
        place: int | None,
        partition: StoppingPartition,
        table: dict[bytes, bytes],
        is_ours: Callable[[bytes], bool] | None,
    ) -> None:
        self.place = place
        self.number = place or 0
        self.partition = partition
        self.table = table
        self.is_ours = is_ours
        self.border = BEGINNING

    @property
    def control(self) -> dict[bytes, bytes]:
        """The control rows."""
        return {key: value for key, value in self.table.items() if not is_account(key)}

    def take(self, refusals: Refusals) -> list[Emitted]:
        """Store what has changed since the last take; returns what was emitted."""
        outputs = self.partition.take()
        refusals.taken(self.place, outputs.dead)
        take_over(self.table, outputs.changed)
        return outputs.emitted


class JournalLog:
    """``rules``: of a partition that has no playbook of its own; ``seen``: what a look at the file has told; ``owner``:
    None where keys are not judged."""

    def __init__(self, rules: Rules, seen: Look, owner: Owner | None) -> None:
        self._rules = rules
        self._seen = seen
        self._owner = owner
        self._held: dict[int | None, Held] = {}

    def __iter__(self) -> Iterator[Held]:
        return iter(list(self._held.values()))

    def of(self, line: Line) -> Held:
        """The partition that a line is in."""
        return self._held.get(line.partition) or self._open(line)

    def numbered(self, number: int | None) -> list[Held]:
        """Those that have lines and a number; two for 0 in a file that has lines without a partition, too."""
        return [held for held in self._held.values() if held.number == number]

    def _open(self, line: Line) -> Held:
        table: dict[bytes, bytes] = {}
        number = line.partition or 0
        is_ours = self._is_ours(line)
        partition = StoppingPartition(
            self._rules,
            table,
            PartitionRow(),
            number=number,
            partitions=max(number + 1, line.partitions or 1, self._seen.partitions),
            is_ours=is_ours,
            ticking=self._seen.ticking,
        )
        look_ahead(self._seen.playbooks.get(line.partition, ()), partition.foresee)
        held = self._held[line.partition] = Held(line.partition, partition, table, is_ours)
        return held

    def _is_ours(self, line: Line) -> Callable[[bytes], bool] | None:
        owner, partitions, partition = self._owner, line.partitions, line.partition
        if owner is None or not partitions:
            return None
        return lambda key: owner(key, partitions) == partition
