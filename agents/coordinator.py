"""The coordinator: groups log in; what accounts share, facts and answers out (A2, A3)."""

from collections.abc import Callable
from typing import Final

from agents.folding import Folding
from agents.keyed import KeyedSource
from agents.log.partitioner import partition_of
from agents.log.records import TP
from agents.lookahead import FirstPlaybooks
from agents.ops.metrics import Metrics
from agents.recordset.table import KeyedTable
from agents.settings import Settings
from schemas.groups import GROUPS
from streams.groups.partition import GroupsPartition
from streams.groups.rules import GroupRules
from streams.journal.books import PartitionRow

TIMEOUT_MS: Final = 10_000
"""An open transaction that holds answers holds back the readers of every journal partition (A2)."""


class Coordinator(Folding):
    """Applies one partition of the groups log."""

    name = "coordinator"


class GroupsSource(KeyedSource):
    """Opens coordinators."""

    topic = GROUPS

    def __init__(
        self,
        settings: Settings,
        table: KeyedTable,
        rules: Callable[[], GroupRules],
        metrics: Metrics,
        playbooks: FirstPlaybooks,
    ) -> None:
        super().__init__(settings, table, metrics, playbooks)
        self.transaction_timeout_ms = min(TIMEOUT_MS, settings.transaction_timeout_ms)
        self._rules = rules

    def processor(self, tp: TP, row: PartitionRow, partitions: int) -> Coordinator:
        """A coordinator."""
        fold = GroupsPartition(
            self._rules(),
            self._table.contents(tp.partition),
            row,
            is_ours=lambda key: partition_of(key, partitions) == tp.partition,
        )
        limit = self._settings.dead_letter_limit
        return Coordinator(tp, self._table, fold, partitions, limit, self._metrics)
