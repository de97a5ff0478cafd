"""Events files into Kafka, with the clock that goes with them (J7).

Lines are written in file order; after every so many, once the router has put them all into the
journal, a tick follows at the largest instant among them. So time never overtakes the events, and a
replay of years takes minutes. A file that has ticks of its own is ticked by those alone.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced

from agents.broadcasting import broadcast
from agents.clock import RouterBarrier, TickWriter
from agents.log.partitioner import partition_of
from agents.lookahead import broadcast_first
from agents.safeguards import OWN_CLOCK, Ingested, IngestError, Watch, latest_believed
from agents.settings import Settings
from schemas import topics
from schemas.broadcasts import Broadcast
from schemas.dead import Rejection
from schemas.decode import decode, type_header
from schemas.events import PayrollCredit, Tick, Transfer
from schemas.instant import format_instant
from streams.journal.eventsfile import Line, is_own

BATCH_BYTES: Final = 400_000
ROUTER_SECONDS: Final = 120.0


class Ingest:
    """Writes records and ticks. Use as an async context manager."""

    def __init__(self, settings: Settings, *, lines_per_tick: int, own_ticks: bool) -> None:
        self._settings = settings
        self._lines_per_tick = lines_per_tick
        self._own_ticks = own_ticks
        self._writer = _BatchWriter(settings)
        self._barrier = RouterBarrier(settings)
        self._ticks = TickWriter(settings)
        self._since_tick = 0
        self._broadcasts: list[Broadcast] = []
        self.done = Ingested()

    async def __aenter__(self) -> "Ingest":
        await self._writer.start()
        await self._barrier.__aenter__()
        await self._ticks.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._ticks.__aexit__(*exc)
        await self._barrier.__aexit__(*exc)
        await self._writer.stop()

    async def write(self, line: Line) -> None:
        """Write one record, and a tick if it is time for one. What our own folds wrote, the service says itself (F2)."""
        if is_own(line):
            self.done.skipped += 1
            return
        event = decode(line.value, _type_of(line))
        if isinstance(event, Tick):
            await self.tick(event.instant)
            return
        if isinstance(event, Broadcast):
            await self._broadcast(event)
            return
        await self._writer.write(line)
        self.done.records += 1
        self._since_tick += 1
        if isinstance(event, PayrollCredit | Transfer) and event.occurred_at <= latest_believed():
            latest = self.done.latest
            self.done.latest = event.occurred_at if latest is None else max(event.occurred_at, latest)
        if self._since_tick >= self._lines_per_tick and not self._own_ticks:
            await self.tick_now()

    async def _broadcast(self, event: Broadcast) -> None:
        # A file made of several partitions has it once for each; it goes to all of them at once.
        if event not in self._broadcasts:
            self._broadcasts.append(event)
            await self._writer.flush()
            await self._barrier.wait(ROUTER_SECONDS)
            await broadcast(self._settings, event)
            self.done.records += 1

    async def flush(self) -> None:
        """Wait until all that was written is in Kafka."""
        await self._writer.flush()

    async def tick_now(self) -> None:
        """Tick at the largest instant written so far, if there is one and the file has no ticks."""
        if self.done.latest is not None and not self._own_ticks:
            await self.tick(self.done.latest)

    async def tick(self, instant: int) -> None:
        """Wait until all that was written is in the journal, then tick (microseconds)."""
        if instant > latest_believed():
            raise IngestError(
                f"a tick at {format_instant(instant)} lies in the future: workers refuse it; mend it"
            )
        await self._writer.flush()
        await self._barrier.wait(ROUTER_SECONDS)
        self._since_tick = 0
        if self.done.clock is None or instant > self.done.clock:
            await self._ticks.tick(instant)
            self.done.ticks += 1
            self.done.clock = instant


async def ingest(
    settings: Settings,
    lines: Iterable[Line | Rejection | None],
    *,
    own_ticks: bool = False,
    own_playbook: bool = False,
    lines_per_tick: int = 1_000,
    until: int | None = None,
    on_progress: Callable[[Ingested], None] = lambda _: None,
) -> Ingested:
    """Write all lines, None for a blank one, a last tick, and one at ``until`` (microseconds) if given. Where there is
    no ``own_playbook`` among them, that of the settings comes first, for a log that has none (B4).

    Raises ``IngestError`` at a line that is not of the events-file form, after everything before it
    has been written, where another clock ticks beyond what is written, and if the router does not follow.
    """
    if not own_playbook:
        await _first_playbook(settings)
    async with (
        Ingest(settings, lines_per_tick=lines_per_tick, own_ticks=own_ticks) as run,
        Watch(settings) as watch,
    ):
        try:
            await _write_all(run, lines, until, watch, on_progress)
        except (ProducerFenced, InvalidProducerEpoch) as error:
            raise IngestError(f"another clock ticks in this service: {OWN_CLOCK}") from error
        except TimeoutError as error:
            raise IngestError(
                f"{error} It must have the same PAYTIDE_KAFKA_BOOTSTRAP and PAYTIDE_APP_ID; see its log"
            ) from error
        await watch.check(run.done)
        on_progress(run.done)
        return run.done


async def _first_playbook(settings: Settings) -> None:
    try:
        await broadcast_first(settings)
    except (ProducerFenced, InvalidProducerEpoch) as error:
        raise IngestError(
            "somebody else broadcasts in this service, perhaps its first playbook: try again"
        ) from error


async def _write_all(
    run: Ingest,
    lines: Iterable[Line | Rejection | None],
    until: int | None,
    watch: Watch,
    on_progress: Callable[[Ingested], None],
) -> None:
    for number, line in enumerate(lines, 1):
        if isinstance(line, Rejection):
            await run.flush()
            raise IngestError(f"line {number} is not an events-file line ({line.detail}); mend or remove it")
        if line is not None:
            try:
                await run.write(line)
            except IngestError as error:
                raise IngestError(f"line {number}: {error}") from error
        if number % 500 == 0:
            on_progress(run.done)
            await watch.check_at_times(run.done)
    await run.flush()
    await run.tick_now()
    if until is not None:
        await run.tick(until)


class _BatchWriter:
    """Writes whole batches per partition: twenty times faster than one send a record."""

    def __init__(self, settings: Settings) -> None:
        self._producer = AIOKafkaProducer(
            **settings.kafka_client(),
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            max_request_size=4 * 1024 * 1024,
        )
        self._batches: dict[tuple[str, int], Any] = {}
        self._counts: dict[str, int] = {}
        self._sent: list[Any] = []

    async def start(self) -> None:
        await self._producer.start()

    async def stop(self) -> None:
        await self._producer.stop()

    async def write(self, line: Line) -> None:
        if line.topic != topics.JOURNAL and line.topic not in topics.TYPE_TOPICS:
            raise IngestError(
                f"unknown topic {line.topic!r}: an events file holds the journal or type topics"
            )
        target = (line.topic, partition_of(line.key or b"", await self._partitions(line.topic)))
        batch = self._batches.get(target)
        headers = list(line.headers)
        if batch is None or not _append(batch, line, headers):
            if batch is not None:
                await self._send(target, batch)
            batch = self._batches[target] = self._producer.create_batch()
            _append(batch, line, headers)

    async def flush(self) -> None:
        for target, batch in self._batches.items():
            await self._send(target, batch)
        self._batches.clear()
        for future in self._sent:
            await future
        self._sent.clear()

    async def _send(self, target: tuple[str, int], batch: Any) -> None:
        self._sent.append(await self._producer.send_batch(batch, target[0], partition=target[1]))

    async def _partitions(self, topic: str) -> int:
        known = self._counts.get(topic)
        if known is None:
            known = self._counts[topic] = len(await self._producer.partitions_for(topic))
        return known


def _append(batch: Any, line: Line, headers: list[tuple[str, bytes | None]]) -> bool:
    return batch.append(key=line.key, value=line.value, timestamp=None, headers=headers) is not None


def _type_of(line: Line) -> bytes | None:
    known = topics.TYPE_TOPICS.get(line.topic)
    return known.encode() if known is not None else type_header(line)
