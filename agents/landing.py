"""The landing: facts, tasks and dead letters into ClickHouse (O4, X6).

An app of its own, with its own consumer group: ClickHouse can be away without detection noticing.
At least once, and idempotent by each row's identity: offsets are committed after the insert. A record that
cannot be landed is set aside (``streams.landing.landed``), and the rest goes on.
"""

import asyncio
import logging
from typing import Any, NamedTuple

import faust

from agents.clickhouse.inserting import Inserter
from agents.clickhouse.patience import PatientInserter
from agents.errors import Stop
from agents.hosting import RecordSetSchema, add_health, bare_app, crashing
from agents.log.offsets import LogReader, start_positions
from agents.log.records import TP
from agents.log.topics import admin
from agents.ops.health import Health
from agents.ops.metrics import Metrics
from agents.recordset.consumer import Hooks
from agents.recordset.inbox import Inbox
from agents.settings import Settings
from schemas import topics
from streams.landing.batch import Batch, Values
from streams.landing.landed import SET_ASIDE, SET_ASIDE_COLUMNS, Incoming
from streams.landing.rows import rows_of

logger = logging.getLogger(__name__)

LANDED = (topics.FACTS, topics.INTERVENTIONS, topics.DEAD_LETTERS)
RECORDS_A_TAKE = 5_000


_TOPIC = SET_ASIDE_COLUMNS.index("topic")
_REASON = SET_ASIDE_COLUMNS.index("reason")


class NotSetAsideError(Stop):
    """ClickHouse refuses even the row that says what it refused."""


class Landing:
    """Takes record sets in, inserts their rows in bulk, commits. One loop for all partitions."""

    def __init__(self, settings: Settings, app: faust.App, metrics: Metrics) -> None:
        self.inboxes: dict[TP, Inbox] = {}
        self.landed: dict[TP, int] = {}
        self._settings = settings
        self._app = app
        self._metrics = metrics
        self._inserter = PatientInserter(Inserter(settings.clickhouse_dsn), metrics.landing_failures.inc)

    @property
    def waits_for(self) -> str | None:
        """Why no rows are inserted now, None if nothing is in the way."""
        return self._inserter.waits_for

    def is_full(self, tp: TP) -> bool:
        """Whether fetching must pause: so memory stays bounded while ClickHouse is away."""
        inbox = self.inboxes.get(tp)
        return inbox is None or inbox.is_full

    async def on_assigned(self, tps: set[TP]) -> None:
        """Start each partition where the group's committed position is. Raises ``LogGapError``."""
        ours = [tp for tp in tps if tp.topic in LANDED]
        positions = await self._positions(ours) if ours else {}
        # All partitions fill at once when ClickHouse is away: the bound is for all of them together.
        share = self._settings.landing_waiting_bytes // max(1, len(ours))
        self.inboxes = {tp: Inbox(tp, positions[tp], self._seek, share) for tp in ours}
        self.landed = dict(positions)

    async def _positions(self, tps: list[TP]) -> dict[TP, int]:
        async with admin(self._settings) as client, LogReader(self._settings) as log:
            return await start_positions(client, log, self._app.conf.id, tps, self._metrics.on_missed)

    async def on_revoked(self, tps: set[TP]) -> None:
        """Drop what waits; an insert under way may end, its offsets are no longer ours to commit."""
        for tp in tps:
            self.inboxes.pop(tp, None)
            self.landed.pop(tp, None)

    async def run(self) -> None:
        """Land until cancelled."""
        while True:
            ends, batch = await self._collect()
            if batch.rows:
                await self._insert(batch)
            if ends:
                await self._commit(ends)

    async def _collect(self) -> tuple[dict[TP, int], Batch]:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._settings.landing_seconds
        ends: dict[TP, int] = {}
        batch = Batch()
        while batch.rows < self._settings.landing_rows and loop.time() < until:
            taken = False
            for tp, inbox in list(self.inboxes.items()):
                record_set = await inbox.take(RECORDS_A_TAKE, 0)
                if record_set is not None and self.inboxes.get(tp) is inbox:
                    taken = True
                    ends[tp] = record_set.end
                    for record in record_set.records:
                        incoming = _incoming(tp, record)
                        batch.add(tp.topic, incoming, rows_of(tp.topic, incoming))
            if not taken:
                await asyncio.sleep(0.02)
        return ends, batch

    async def _insert(self, batch: Batch) -> None:
        refused = await self._inserter.insert(batch.tables)
        for table, rows in batch.tables.items():
            gone = sum(one.table == table for one in refused)
            self._metrics.rows.labels(table).inc(len(rows) - gone)
        if aside := batch.set_aside(refused):
            if vain := await self._inserter.insert({SET_ASIDE: aside}):
                raise NotSetAsideError(f"{len(vain)} rows of {SET_ASIDE} are refused: {vain[0].detail}")
            self._metrics.rows.labels(SET_ASIDE).inc(len(aside))
        self._tell([*batch.tables.get(SET_ASIDE, ()), *aside])

    def _tell(self, aside: list[Values]) -> None:
        for values in aside:
            self._metrics.set_aside.labels(values[_TOPIC], values[_REASON]).inc()
        if aside:
            topic, partition, offset, reason, detail = aside[0][:5]
            logger.warning(
                *("%d records set aside, see the table %s; the first is %s-%s at %s, %s: %s", len(aside)),
                *(SET_ASIDE, topic, partition, offset, reason, detail),
            )

    async def _commit(self, ends: dict[TP, int]) -> None:
        ours = {tp: end for tp, end in ends.items() if tp in self.inboxes}
        if ours and await self._app.consumer.commit_positions(ours):
            self.landed.update(ours)
            for tp, end in ours.items():
                self._metrics.position.labels(*tp).set(end)

    async def _seek(self, tp: TP, position: int) -> None:
        await self._app.consumer.seek_to(tp, position)


class WiredLanding(NamedTuple):
    """The landing app and its parts."""

    app: faust.App
    landing: Landing
    metrics: Metrics
    health: Health


def create_landing(settings: Settings) -> WiredLanding:
    """The landing app. The tables must be there: ``paytide migrate``."""
    hooks, metrics = Hooks(), Metrics()
    app = bare_app(settings, f"{settings.app_id}-landing", hooks, settings.landing_fetch_bytes)
    landing = Landing(settings, app, metrics)
    hooks.assigned, hooks.revoked, hooks.is_full = landing.on_assigned, landing.on_revoked, landing.is_full
    channel = app.topic(*LANDED, schema=RecordSetSchema(), acks=False)

    async def collect(stream: Any) -> None:
        async for event in stream.noack().events():
            inbox = landing.inboxes.get(event.value.tp)
            if inbox is not None:
                await inbox.offer(event.value)

    app.agent(channel, name="landing")(crashing(app, collect))

    @app.task
    async def land() -> None:
        await crashing(app, landing.run)()

    health = add_health(app, settings, lambda: landing.landed, lambda: landing.waits_for)
    return WiredLanding(app, landing, metrics, health)


def _incoming(tp: TP, record: Any) -> Incoming:
    return Incoming(record.value, tp.partition, record.offset, record.timestamp, tuple(record.headers))
