"""The detector: journal in; state, tasks, facts and dead letters out (A3, O1, X1)."""

from collections.abc import Callable

from agents.folding import Folded, Folding
from agents.keyed import KeyedSource
from agents.log.partitioner import partition_of
from agents.log.records import TP
from agents.lookahead import FirstPlaybooks
from agents.ops.metrics import Metrics
from agents.recordset.table import KeyedTable
from agents.settings import Settings
from schemas import topics
from streams.journal.books import PartitionRow
from streams.journal.partition import Partition
from streams.playbook.rules import Rules


class Detector(Folding):
    """Applies one partition of the journal."""

    name = "detector"

    def _measure(self, outputs: Folded) -> None:
        super()._measure(outputs)
        assert isinstance(self.fold, Partition)
        number = self._tp.partition
        self._metrics.accounts.labels(number).set(len(self._table.contents(number)) - self.fold.control_rows)


class JournalSource(KeyedSource):
    """Opens detectors."""

    topic = topics.JOURNAL

    def __init__(
        self,
        settings: Settings,
        table: KeyedTable,
        rules: Callable[[], Rules],
        metrics: Metrics,
        playbooks: FirstPlaybooks,
    ) -> None:
        super().__init__(settings, table, metrics, playbooks)
        self._rules = rules

    async def _prepare(self, tp: TP, position: int, processor: Folding) -> None:
        await super()._prepare(tp, position, processor)
        held = processor.fold.in_force.editions[-1].book
        self._metrics.playbook_differs.set(self._playbooks.differs(held))

    def processor(self, tp: TP, row: PartitionRow, partitions: int) -> Detector:
        """A detector."""
        fold = Partition(
            self._rules(),
            self._table.contents(tp.partition),
            row,
            number=tp.partition,
            partitions=partitions,
            is_ours=lambda key: partition_of(key, partitions) == tp.partition,
        )
        limit = self._settings.dead_letter_limit
        return Detector(tp, self._table, fold, partitions, limit, self._metrics)
