"""A keyed machine: it folds a log that is partitioned by key into a table of its own (X1, A2).

The detector is one, the coordinator another. What they share is here: where a partition's state left off, and whether
the log is still the one it was made from.
"""

from functools import partial

from agents.errors import Stop
from agents.folding import Folding
from agents.log.offsets import LogReader, tell_missed
from agents.log.records import TP
from agents.log.topic_id import topic_id
from agents.log.topics import admin
from agents.lookahead import FirstPlaybooks
from agents.ops.metrics import Metrics
from agents.recordset.manager import Opened
from agents.recordset.table import KeyedTable
from agents.settings import Settings
from streams.journal.books import PartitionRow
from streams.journal.row import decode_row


class ChangedLogError(Stop):
    """A log is not the one the state was made from, or records were deleted unread."""


class KeyedSource:
    """Opens a machine's processors (a manager's source). ``topic``: the log; ``playbooks``: what finds its first."""

    topic: str

    def __init__(
        self, settings: Settings, table: KeyedTable, metrics: Metrics, playbooks: FirstPlaybooks
    ) -> None:
        self.changelog = table.changelog
        self.transaction_timeout_ms = settings.transaction_timeout_ms
        self._settings = settings
        self._table = table
        self._metrics = metrics
        self._playbooks = playbooks

    async def open(self, partition: int, *, after_failure: bool) -> Opened:
        """A processor where the partition's committed state left off, which applies nothing before it has a playbook
        from the log (B4). Raises ``ChangedLogError``."""
        tp = TP(self.topic, partition)
        row, count = await self.resume(tp, after_failure=after_failure)
        processor = self.processor(tp, row, count)
        return Opened(row.position, processor, partial(self._prepare, tp, row.position, processor))

    async def _prepare(self, tp: TP, position: int, processor: Folding) -> None:
        if not processor.fold.in_force.published:
            await self._playbooks.find(tp, position, processor.fold.foresee)

    def processor(self, tp: TP, row: PartitionRow, partitions: int) -> Folding:
        """The processor of a partition whose state left off at ``row``, of a log of so many partitions."""
        raise NotImplementedError

    async def resume(self, tp: TP, *, after_failure: bool) -> tuple[PartitionRow, int]:
        """The partition's row, to go on from, and how many partitions the log has; the table is brought up to
        date after a failure. Raises ``ChangedLogError``."""
        if after_failure:
            await self._catch_up(tp.partition)
        value = self._table.row(tp.partition)
        row = PartitionRow() if value is None else decode_row(value)
        async with admin(self._settings) as client, LogReader(self._settings) as log:
            identity = await topic_id(client, tp.topic)
            count = len(await log.partitions(tp.topic))
            begin, end = (await log.begins([tp]))[tp], (await log.ends([tp]))[tp]
        check_row(row, identity, begin, end, tp)
        row.topic_id = identity
        if value is None:
            row.position = begin
            tell_missed(tp, begin, self._settings.app_id, self._metrics.on_missed)
        return row, count

    async def _catch_up(self, partition: int) -> None:
        # Read back what the transaction of unknown outcome left behind, if anything.
        tp = TP(self.changelog, partition)
        async with LogReader(self._settings) as log:
            end = (await log.ends([tp]))[tp]
            start = max((self._table.persisted_offset(tp) or -1) + 1, (await log.begins([tp]))[tp])
            async for record_set in log.read(tp, start, end):
                self._table.apply(record_set)


def check_row(row: PartitionRow, identity: str, begin: int, end: int, tp: TP) -> None:
    """Raise ``ChangedLogError`` unless the log, [begin, end) of topic id ``identity``, is what the row was
    made from and holds what comes next."""
    where = f"{tp.topic}-{tp.partition}"
    if row.topic_id and row.topic_id != identity:
        raise ChangedLogError(
            f"{tp.topic} was recreated: the state belongs to topic id {row.topic_id}, the broker has {identity}. "
            "Restore the topic, or start with a new PAYTIDE_APP_ID to read the new one from its beginning"
        )
    if row.position > end:
        raise ChangedLogError(
            f"{where} ends at {end}, but the state was committed up to {row.position}: the log has lost records. "
            "Restore it; offsets are never reset silently"
        )
    if row.topic_id and row.position < begin:
        raise ChangedLogError(
            f"{where} begins at {begin}, but the state is only at {row.position}: records were deleted before they "
            "were applied. Raise the topic's retention and restore the missing segments"
        )
