"""The detector: journal in; state, tasks, facts and dead letters out (A3, O1, X1)."""

from collections.abc import Callable
from functools import partial

from agents.folding import Folded, Folding
from agents.keyed import KeyedSource
from agents.log.partitioner import partition_of
from agents.log.records import TP
from agents.lookahead import FirstPlaybooks
from agents.ops.metrics import Metrics
from agents.recordset.manager import Opened
from agents.recordset.table import KeyedTable
from agents.settings import Settings
from schemas import topics
from streams.journal.books import PartitionRow
from streams.journal.control import CONTROL_ROWS
from streams.journal.partition import Partition
from streams.playbook.rules import Rules


class Detector(Folding):
    """Applies one partition of the journal."""

    name = "detector"

    @property
    def partition(self) -> Partition:
        """What folds it."""
        assert isinstance(self._fold, Partition)
        return self._fold

    def _measure(self, outputs: Folded) -> None:
        super()._measure(outputs)
        number = self._tp.partition
        contents = self._table.contents(number)
        of_nobody = sum(key in contents for key in CONTROL_ROWS)
        self._metrics.accounts.labels(number).set(len(contents) - of_nobody)


class JournalSource(KeyedSource):
    """Opens detectors."""

    topic = topics.JOURNAL

    def __init__(
        self, settings: Settings, table: KeyedTable, rules: Callable[[], Rules], metrics: Metrics
    ) -> None:
        super().__init__(settings, table, metrics)
        self._rules = rules
        self.playbooks = FirstPlaybooks(settings, rules().book)

    async def open(self, partition: int, *, after_failure: bool) -> Opened:
        """A detector, which applies nothing before it has a playbook from the log (B4). Raises ``ChangedLogError``."""
        opened = await super().open(partition, after_failure=after_failure)
        detector = opened.processor
        assert isinstance(detector, Detector)
        return opened._replace(before=partial(self._prepare, partition, opened.position, detector.partition))

    async def _prepare(self, number: int, position: int, partition: Partition) -> None:
        standing = partition.standing
        if not standing.in_force.published:
            clock = partition.clock
            await self.playbooks.find(
                TP(self.topic, number), position, lambda change: standing.foresee(change, clock)
            )
        differs = self.playbooks.differs(standing.in_force.editions[-1].book)
        self._metrics.playbook_differs.set(differs)

    def processor(self, tp: TP, row: PartitionRow, partitions: int) -> Detector:
        """A detector."""
        fold = Partition(
            self._rules(),
            self._table.contents(tp.partition),
            row,
            number=tp.partition,
            is_ours=lambda key: partition_of(key, partitions) == tp.partition,
        )
        limit = self._settings.dead_letter_limit
        return Detector(tp, self._table, fold, partitions, limit, self._metrics)
