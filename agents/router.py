"""The router: type topics in, journal out, the bytes unchanged (J2)."""

from collections.abc import Sequence
from typing import Any

from agents.deadletters import DeadLetterLimit, dead_letter
from agents.log.offsets import LogReader, start_positions
from agents.log.partitioner import partition_of
from agents.log.records import TP
from agents.log.topics import admin
from agents.log.transaction import Write, Writes
from agents.ops.metrics import Metrics
from agents.recordset.manager import Opened
from agents.settings import Settings
from schemas import topics
from schemas.answers import EmployerAnswer
from schemas.broadcasts import Broadcast
from schemas.dead import Rejection
from schemas.decode import check_key
from schemas.events import Tick
from streams.fast.decode import read_event


class Router:
    """Validates one partition of a type topic and appends it to the journal (a pipeline's processor)."""

    has_work = False

    def __init__(self, tp: TP, journal_partitions: int, limit: int, metrics: Metrics) -> None:
        self._tp = tp
        self._type = topics.TYPE_TOPICS[tp.topic].encode()
        self._partitions = journal_partitions
        self._limit = DeadLetterLimit(tp, limit)
        self._metrics = metrics
        self._targets: dict[bytes, TP] = {}
        self._journal = [TP(topics.JOURNAL, number) for number in range(journal_partitions)]
        self._type_header = ("type", self._type)
        self._source = f"{tp.topic},{tp.partition},".encode()
        self._refused: list[Rejection] = []
        self._position = 0

    def apply(self, records: Sequence[Any], position: int) -> Writes:
        """Decode → where it belongs → what to write."""
        writes: dict[TP, list[Write]] = {}
        dead = []
        self._refused = []
        self._position = position
        for record in records:
            routed = self._route(record)
            if isinstance(routed, Rejection):
                dead.append(dead_letter(record, self._tp, routed))
                self._refused.append(routed)
                continue
            target, write = routed
            if target in writes:
                writes[target].append(write)
            else:
                writes[target] = [write]
        self._limit.note(len(records), self._refused)
        if dead:
            writes[TP(topics.DEAD_LETTERS, self._tp.partition % self._partitions)] = dead
        return writes

    def work(self, position: int) -> Writes | None:
        """Nothing to do without records."""
        return None

    def committed(self, written: dict[TP, int]) -> None:
        """Count what was refused: only now is it certain that it was not counted before."""
        for rejection in self._refused:
            self._metrics.dead.labels(self._tp.topic, rejection.reason.value).inc()
        self._metrics.position.labels(self._tp.topic, self._tp.partition).set(self._position)

    def _route(self, record: Any) -> tuple[TP, Write] | Rejection:
        event = read_event(record.value, self._type)
        if isinstance(event, Rejection):
            return event
        wrong = check_key(record.key, event, may_be_null=True)
        if wrong is not None:
            return wrong
        assert not isinstance(event, Tick | Broadcast | EmployerAnswer)
        key = event.account_id.encode()
        headers = (self._type_header, ("source", b"%b%d" % (self._source, record.offset)))
        return self._target(key), Write(key, record.value, headers)

    def _target(self, key: bytes) -> TP:
        known = self._targets.get(key)
        if known is None:
            if len(self._targets) > 1_000_000:
                self._targets.clear()
            known = self._targets[key] = self._journal[partition_of(key, self._partitions)]
        return known


class TypeTopicSource:
    """Opens routers for one type topic (a manager's source)."""

    changelog = None

    def __init__(self, topic: str, settings: Settings, metrics: Metrics) -> None:
        self.topic = topic
        self.transaction_timeout_ms = settings.transaction_timeout_ms
        self._settings = settings
        self._metrics = metrics

    async def open(self, partition: int, *, after_failure: bool) -> Opened:
        """A router where the group's committed position is; the first time, at the log's beginning."""
        tp = TP(self.topic, partition)
        async with admin(self._settings) as client, LogReader(self._settings) as log:
            group, missed = self._settings.app_id, self._metrics.on_missed
            position = (await start_positions(client, log, group, [tp], missed))[tp]
            count = len(await log.partitions(topics.JOURNAL))
        return Opened(position, Router(tp, count, self._settings.dead_letter_limit, self._metrics))
