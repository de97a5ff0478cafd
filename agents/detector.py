"""The detector: journal in; state, tasks, facts and dead letters out (A3, O1, X1)."""

from collections.abc import Callable

from agents.folding import Folded, Folding
from agents.keyed import KeyedSource
from agents.log.partitioner import partition_of
from agents.log.records import TP
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
        number = self._tp.partition
        self._metrics.accounts.labels(number).set(len(self._table.contents(number)))


class JournalSource(KeyedSource):
    """Opens detectors."""

    topic = topics.JOURNAL

    def __init__(
        self, settings: Settings, table: KeyedTable, rules: Callable[[], Rules], metrics: Metrics
    ) -> None:
        super().__init__(settings, table, metrics)
        self._rules = rules

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
