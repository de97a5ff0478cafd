"""Applies one partition of a keyed log to its table: what a record set comes to is one transaction (X1).

The detector folds the journal so, the coordinator the groups log.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Protocol

from agents.deadletters import DeadLetterLimit, dead_letter
from agents.log.records import TP
from agents.log.transaction import Write, Writes
from agents.ops.metrics import Metrics
from agents.recordset.table import KeyedTable
from agents.routing import routed
from schemas import topics
from schemas.decode import RawRecord
from streams.fast.emitted import Published
from streams.journal.books import PartitionRow
from streams.journal.outputs import DeadRecord
from streams.journal.row import encode_row
from streams.playbook.rules import InForce
from streams.state.keys import ROW_KEY

FEWEST_DUE: Final = 50
MOST_DUE: Final = 500
"""Accounts, or groups, whose deadlines one transaction fires beside few records: a tick that closes many never stalls
the partition, and what arrives while it is worked off waits for a short transaction, not for a long one."""
BESIDE: Final = 2
"""Of so many records of a large set one may give rise to a deadline. Fewer firings than that would starve deadlines
under load, and with them the watermarks that the groups log waits for (A4)."""


class Folded(Protocol):
    """What a number of records came to."""

    @property
    def changed(self) -> dict[bytes, bytes | None]:
        """Key → new value, None where it went."""
        ...

    @property
    def emitted(self) -> Sequence[Published]:
        """What is to be published."""
        ...

    @property
    def dead(self) -> Sequence[DeadRecord]:
        """What was refused, in order."""
        ...

    @property
    def row(self) -> PartitionRow:
        """The partition's own row."""
        ...


class Fold(Protocol):
    """The pure state machine of a partition."""

    @property
    def backlog(self) -> int:
        """How many deadlines wait for :meth:`work`."""
        ...

    @property
    def row(self) -> PartitionRow:
        """The partition's own row as of the last record."""
        ...

    @property
    def in_force(self) -> InForce:
        """What is in force as of the last record."""
        ...

    def foresee(self, record: RawRecord, /) -> bool:
        """Let a record that is still ahead be the first playbook; False if it is none, or is refused (B4)."""
        ...

    def read_all(self, records: Sequence[RawRecord], /) -> None:
        """Apply records, in order."""
        ...

    def work(self, budget: int, /) -> None:
        """Fire some deadlines that are due."""
        ...

    def take(self, position: int, /) -> Folded:
        """What has changed since the last take; ``position``: of the log, up to which all is applied."""
        ...


class Folding:
    """A pipeline's processor over a ``fold``. ``name``: of the machine; ``partitions``: how many the log has; ``limit``:
    of dead letters."""

    name: ClassVar[str]

    def __init__(
        self,
        tp: TP,
        table: KeyedTable,
        fold: Fold,
        partitions: int,
        limit: int,
        metrics: Metrics,
    ) -> None:
        self._tp = tp
        self._partitions = partitions
        self._table = table
        self.fold = fold
        self._limit = DeadLetterLimit(tp, limit)
        self._changelog = TP(table.changelog, tp.partition)
        self._metrics = metrics
        self._books = fold.row.books
        self._pending: tuple[Folded, bytes] | None = None
        self._slice = FEWEST_DUE

    @property
    def has_work(self) -> bool:
        """Whether deadlines wait to be fired."""
        return self.fold.backlog > 0

    def apply(self, records: Sequence[Any], position: int) -> Writes:
        """Decode → step → what to write."""
        fold = self.fold
        fold.read_all(records)
        count = len(records)
        self._slice = max(min(MOST_DUE, max(FEWEST_DUE, 2 * count)), count // BESIDE)
        fold.work(self._slice)
        return self._writes(records, position)

    def work(self, position: int) -> Writes | None:
        """Fire deadlines that wait."""
        if not self.fold.backlog:
            return None
        # Nothing else wants to be done: larger from one to the next.
        self._slice = min(MOST_DUE, 2 * self._slice)
        self.fold.work(self._slice)
        return self._writes((), position)

    def committed(self, written: dict[TP, int]) -> None:
        """Take over what has been committed."""
        assert self._pending is not None
        outputs, row = self._pending
        self._pending = None
        self._table.merge(self._tp.partition, outputs.changed, row)
        self._table.note_committed(self._tp.partition, written[self._changelog])
        self._measure(outputs)

    def _writes(self, records: Sequence[Any], position: int) -> Writes:
        outputs = self.fold.take(position)
        self._limit.note(len(records), (one.rejection for one in outputs.dead))
        row = encode_row(outputs.row)
        self._pending = outputs, row
        number = self._tp.partition
        writes: dict[TP, list[Write]] = {
            self._changelog: [Write(key, value) for key, value in outputs.changed.items()]
        }
        writes[self._changelog].append(Write(ROW_KEY, row))
        writes.update(routed(outputs.emitted, self.name, number, self._partitions))
        if outputs.dead:
            writes[TP(topics.DEAD_LETTERS, number)] = [
                dead_letter(records[dead.place], self._tp, dead.rejection) for dead in outputs.dead
            ]
        return writes

    def _measure(self, outputs: Folded) -> None:
        metrics, tp = self._metrics, self._tp
        metrics.on_books(tp, self._books, outputs.row.books)
        self._books = outputs.row.books
        metrics.on_emitted(outputs.emitted)
        metrics.position.labels(*tp).set(outputs.row.position)
        metrics.backlog.labels(*tp).set(self.fold.backlog)
        if outputs.row.clock is not None:
            metrics.clock.labels(*tp).set(outputs.row.clock / 1_000_000)
