"""The bench task on Paytide's own record sets: the worker's transport, manager, pipelines, transactions
and table, with the bench task in the place of the detector. Exactly once: changed states, tasks, the
partition's row (its fence) and the input offset are one transaction a record set.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from agents.app import add_table
from agents.detector import JournalSource
from agents.hosting import add_agent, bare_app, manager_of
from agents.log.records import TP
from agents.log.topics import changelog_topic
from agents.log.transaction import Write, Writes
from agents.lookahead import FirstPlaybooks
from agents.ops import worker
from agents.ops.metrics import Metrics
from agents.recordset.consumer import Hooks
from agents.recordset.manager import Opened
from agents.recordset.table import KeyedTable
from agents.settings import Settings
from schemas import topics
from schemas.playbook import Playbook
from streams.journal.books import PartitionRow
from streams.journal.row import encode_row
from streams.state.keys import ROW_KEY
from tests.bench.fast_task import Applied, apply_all
from tests.bench.task import tasks_topic

_ENCODER: Final = msgspec.json.Encoder()


class BenchTask:
    """Applies one partition of the journal (a pipeline's processor)."""

    has_work = False

    def __init__(self, tp: TP, table: KeyedTable, row: PartitionRow, app_id: str) -> None:
        self._table = table
        self._row = row
        self._number = tp.partition
        self._changelog = TP(changelog_topic(app_id), tp.partition)
        self._tasks = TP(tasks_topic(app_id), tp.partition)
        self._pending: tuple[Applied, bytes] | None = None

    def apply(self, records: Sequence[Any], position: int) -> Writes:
        """Decode → apply → what to write."""
        applied = apply_all(records, self._table.contents(self._number))
        self._row.position = position
        row = encode_row(self._row)
        self._pending = applied, row
        writes = {self._changelog: [Write(key, value) for key, value in applied.changed.items()]}
        writes[self._changelog].append(Write(ROW_KEY, row))
        if applied.tasks:
            writes[self._tasks] = [
                Write(task.account_id.encode(), _ENCODER.encode(task)) for task in applied.tasks
            ]
        return writes

    def work(self, position: int) -> Writes | None:
        """Nothing is due here without records."""
        return None

    def committed(self, written: dict[TP, int]) -> None:
        """Take over what has been committed."""
        assert self._pending is not None
        applied, row = self._pending
        self._pending = None
        self._table.merge(self._number, applied.changed, row)
        self._table.note_committed(self._number, written[self._changelog])


class BenchSource(JournalSource):
    """Opens bench tasks (a manager's source); recovers and checks the fence as the worker does."""

    async def open(self, partition: int, *, after_failure: bool) -> Opened:
        """The bench task where the partition's committed state left off. Raises ``ChangedLogError``."""
        tp = TP(topics.JOURNAL, partition)
        row, _ = await self.resume(tp, after_failure=after_failure)
        return Opened(row.position, BenchTask(tp, self._table, row, self._settings.app_id))


def create_app(settings: Settings) -> Any:
    """The app: one agent, one table."""
    hooks, metrics = Hooks(), Metrics()
    app = bare_app(settings, settings.app_id, hooks)
    manager = manager_of(app, settings, settings.app_id, hooks, metrics)
    table = add_table(app, hooks, manager, settings)

    def no_rules() -> Any:
        raise AssertionError("the bench task has no playbook")

    playbooks = FirstPlaybooks(settings, Playbook())  # which nobody looks for
    manager.add(BenchSource(settings, table, no_rules, metrics, playbooks))
    add_agent(app, manager, "bench", topics.JOURNAL)
    return app


if __name__ == "__main__":
    worker.run(create_app(Settings()))
