"""The detector: journal in; state, tasks, facts and dead letters out (O1, X1)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from agents.deadletters import DeadLetterLimit, dead_letter
from agents.errors import Stop
from agents.log.offsets import LogReader, tell_missed
from agents.log.partitioner import partition_of
from agents.log.records import TP
from agents.log.topic_id import topic_id
from agents.log.topics import admin, changelog_topic
from agents.log.transaction import Write, Writes
from agents.ops.metrics import Metrics
from agents.recordset.manager import Opened
from agents.recordset.table import KeyedTable
from agents.settings import Settings
from schemas import topics
from streams.fast.emitted import Emitted
from streams.journal.books import PartitionRow
from streams.journal.partition import Outputs, Partition
from streams.journal.row import decode_row, encode_row
from streams.playbook.rules import Rules
from streams.state.keys import ROW_KEY

FEWEST_DUE: Final = 50
MOST_DUE: Final = 500
"""Accounts whose deadlines one transaction fires: a tick that closes many never stalls the partition, and
what arrives while it is worked off waits for a short transaction, not for a long one."""


class JournalError(Stop):
    """The journal is not the one the state was made from, or records were deleted unread."""


class Detector:
    """Applies one partition of the journal (a pipeline's processor)."""

    def __init__(
        self, tp: TP, table: KeyedTable, partition: Partition, limit: int, app_id: str, metrics: Metrics
    ) -> None:
        self._tp = tp
        self._table = table
        self._partition = partition
        self._limit = DeadLetterLimit(tp, limit)
        self._changelog = TP(changelog_topic(app_id), tp.partition)
        self._metrics = metrics
        self._books = partition.take().row.books
        self._pending: tuple[Outputs, bytes] | None = None
        self._slice = FEWEST_DUE

    @property
    def has_work(self) -> bool:
        """Whether deadlines wait to be fired."""
        return self._partition.backlog > 0

    def apply(self, records: Sequence[Any], position: int) -> Writes:
        """Decode → step → what to write."""
        partition = self._partition
        partition.read_all(records)
        # A posting gives rise to about one deadline: under load no fewer, or they would pile up.
        self._slice = min(MOST_DUE, max(FEWEST_DUE, 2 * len(records)))
        partition.work(self._slice)
        return self._writes(records, position)

    def work(self, position: int) -> Writes | None:
        """Fire deadlines that wait."""
        if not self._partition.backlog:
            return None
        # Nothing else wants to be done: larger from one to the next.
        self._slice = min(MOST_DUE, 2 * self._slice)
        self._partition.work(self._slice)
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
        outputs = self._partition.take(position)
        self._limit.note(len(records), (one.rejection for one in outputs.dead))
        row = encode_row(outputs.row)
        self._pending = outputs, row
        number = self._tp.partition
        writes: dict[TP, list[Write]] = {
            self._changelog: [Write(key, value) for key, value in outputs.changed.items()]
        }
        writes[self._changelog].append(Write(ROW_KEY, row))
        for topic, published in _by_topic(outputs.emitted).items():
            writes[TP(topic, number)] = published
        if outputs.dead:
            writes[TP(topics.DEAD_LETTERS, number)] = [
                dead_letter(records[dead.place], self._tp, dead.rejection) for dead in outputs.dead
            ]
        return writes

    def _measure(self, outputs: Outputs) -> None:
        metrics, number = self._metrics, self._tp.partition
        metrics.on_books(number, self._books, outputs.row.books)
        self._books = outputs.row.books
        metrics.on_emitted(outputs.emitted)
        metrics.position.labels(self._tp.topic, number).set(outputs.row.position)
        metrics.accounts.labels(number).set(len(self._table.contents(number)))
        metrics.backlog.labels(number).set(self._partition.backlog)
        if outputs.row.clock is not None:
            metrics.clock.labels(number).set(outputs.row.clock / 1_000_000)


def _by_topic(emitted: Iterable[Emitted]) -> dict[str, list[Write]]:
    writes: dict[str, list[Write]] = defaultdict(list)
    for one in emitted:
        writes[one.topic].append(Write(one.key, one.to_json()))
    return writes


class JournalSource:
    """Opens detectors (a manager's source)."""

    topic = topics.JOURNAL

    def __init__(
        self, settings: Settings, table: KeyedTable, rules: Callable[[], Rules], metrics: Metrics
    ) -> None:
        self.changelog = changelog_topic(settings.app_id)
        self.transaction_timeout_ms = settings.transaction_timeout_ms
        self._settings = settings
        self._table = table
        self._rules = rules
        self._metrics = metrics

    async def open(self, partition: int, *, after_failure: bool) -> Opened:
        """A detector where the partition's committed state left off. Raises ``JournalError``."""
        tp = TP(topics.JOURNAL, partition)
        row, count = await self.resume(tp, after_failure=after_failure)
        state = Partition(
            self._rules(),
            self._table.contents(partition),
            row,
            is_ours=lambda key: partition_of(key, count) == partition,
        )
        detector = Detector(
            tp, self._table, state, self._settings.dead_letter_limit, self._settings.app_id, self._metrics
        )
        return Opened(row.position, detector)

    async def resume(self, tp: TP, *, after_failure: bool) -> tuple[PartitionRow, int]:
        """The partition's row where its committed state left off, and how many partitions the journal has.
        Raises ``JournalError``."""
        partition = tp.partition
        if after_failure:
            await self._catch_up(partition)
        value = self._table.row(partition)
        row = PartitionRow() if value is None else decode_row(value)
        async with admin(self._settings) as client, LogReader(self._settings) as log:
            identity = await topic_id(client, topics.JOURNAL)
            count = len(await log.partitions(topics.JOURNAL))
            begin, end = (await log.begins([tp]))[tp], (await log.ends([tp]))[tp]
        check_row(row, identity, begin, end, tp)
        row.topic_id = identity
        if value is None:
            row.position = begin
            tell_missed(tp, begin, self._settings.app_id, self._metrics.on_missed)
        return row, count

    async def _catch_up(self, partition: int) -> None:
        # Read back what the transaction of unknown outcome left behind, if anything.
        tp = TP(changelog_topic(self._settings.app_id), partition)
        async with LogReader(self._settings) as log:
            end = (await log.ends([tp]))[tp]
            start = max((self._table.persisted_offset(tp) or -1) + 1, (await log.begins([tp]))[tp])
            async for record_set in log.read(tp, start, end):
                self._table.apply(record_set)


def check_row(row: PartitionRow, identity: str, begin: int, end: int, tp: TP) -> None:
    """Raise ``JournalError`` unless the journal, [begin, end) of topic id ``identity``, is what the row was
    made from and holds what comes next."""
    where = f"{tp.topic}-{tp.partition}"
    if row.topic_id and row.topic_id != identity:
        raise JournalError(
            f"{tp.topic} was recreated: the state belongs to topic id {row.topic_id}, the broker has {identity}. "
            "Restore the journal, or start with a new PAYTIDE_APP_ID to read the new one from its beginning"
        )
    if row.position > end:
        raise JournalError(
            f"{where} ends at {end}, but the state was committed up to {row.position}: the log has lost records. "
            "Restore it; offsets are never reset silently"
        )
    if row.topic_id and row.position < begin:
        raise JournalError(
            f"{where} begins at {begin}, but the state is only at {row.position}: records were deleted before they "
            "were applied. Raise the journal's retention and restore the missing segments"
        )
