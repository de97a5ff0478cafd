"""Which pipelines run here: they come and go with the partitions (X1).

On assignment every input partition gets a fresh transactional id first (that fences former owners),
then a pipeline: at once if it has no table, else when Faust has recovered the table.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol

from agents.errors import Retry, Stop
from agents.log.records import TP, RecordSet
from agents.log.transaction import Transactor
from agents.reactions import reaction_to
from agents.recordset.inbox import Inbox
from agents.recordset.pipeline import Observer, Pipeline, Processor

logger = logging.getLogger(__name__)

TRIES = 6
FIRST_WAIT_SECONDS = 0.5


class Opened(NamedTuple):
    """Where a pipeline starts, and what it runs. ``before``: what it awaits before it applies anything; fetching
    pauses meanwhile once enough waits."""

    position: int
    processor: Processor
    before: Callable[[], Awaitable[None]] | None = None


class Source(Protocol):
    """An input topic. ``changelog``: of the table that must be recovered before its pipelines start, None without
    one; ``transaction_timeout_ms``: after which the broker aborts a transaction of theirs."""

    topic: str
    transaction_timeout_ms: int

    @property
    def changelog(self) -> str | None:
        """Its topic."""
        ...

    async def open(self, partition: int, *, after_failure: bool) -> Opened:
        """The start of a pipeline; ``after_failure``: whether a commit's outcome may be unknown here."""
        ...


class Limits(NamedTuple):
    """``max_records``: at most so many a transaction; ``max_bytes``: how much may wait per partition."""

    max_records: int
    max_bytes: int


class SplitAssignmentError(Stop):
    """A worker was given a partition of a log without the one of its table's changelog."""


class Manager:
    """The pipelines of one app. ``crash`` tells the error and ends the worker; it is called once nothing else
    helps. ``codecs``: how what they write is compressed, by topic."""

    def __init__(
        self,
        group: str,
        client: dict[str, Any],
        limits: Limits,
        observer: Observer,
        seek: Callable[[TP, int], Awaitable[None]],
        crash: Callable[[BaseException], Awaitable[None]],
        codecs: Mapping[str, str] | None = None,
    ) -> None:
        self.pipelines: dict[TP, Pipeline] = {}
        self._group = group
        self._client = client
        self._limits = limits
        self._observer = observer
        self._seek = seek
        self._crash = crash
        self._codecs = codecs
        self._sources: dict[str, Source] = {}
        self._transactors: dict[TP, Transactor] = {}
        self._tasks: dict[TP, asyncio.Task[None]] = {}
        self._is_over = False

    def add(self, source: Source) -> None:
        """Register an input topic, before the app starts."""
        self._sources[source.topic] = source

    def is_full(self, tp: TP) -> bool:
        """Whether fetching must pause."""
        if tp.topic not in self._sources:
            return False
        pipeline = self.pipelines.get(tp)
        return pipeline is None or pipeline.inbox.is_full

    async def offer(self, record_set: RecordSet) -> None:
        """Pass a set to its pipeline. Without one it is dropped: the pipeline will seek to its own start."""
        pipeline = self.pipelines.get(record_set.tp)
        if pipeline is not None:
            await pipeline.inbox.offer(record_set)

    async def on_assigned(self, tps: set[TP]) -> None:
        """Fence, then start what has no table. Raises ``SplitAssignmentError``."""
        ours = [tp for tp in tps if tp.topic in self._sources]
        self._check_together(ours, tps)
        await self.on_revoked(set(self._transactors))
        await asyncio.gather(*(self._fence(tp) for tp in ours))
        await asyncio.gather(*(self._start(tp) for tp in ours if self._changelog_of(tp) is None))

    async def on_recovered(self, changelogs: set[TP]) -> None:
        """Start the pipelines whose table's changelog is recovered."""
        tps = [tp for tp in self._transactors if self._changelog_of(tp) in changelogs]
        await asyncio.gather(*(self._start(tp) for tp in tps))

    async def on_revoked(self, tps: set[TP]) -> None:
        """End the transactions under way, drop what waits, let the partitions go."""
        gone = [self.pipelines.pop(tp) for tp in tps if tp in self.pipelines]
        await asyncio.gather(*(pipeline.close() for pipeline in gone))
        for tp in tps:
            self._observer.on_revoked(tp)
            if (task := self._tasks.pop(tp, None)) is not None:
                task.cancel()
        transactors = [self._transactors.pop(tp) for tp in tps if tp in self._transactors]
        await asyncio.gather(*(transactor.stop() for transactor in transactors), return_exceptions=True)

    async def stop(self) -> None:
        """End everything."""
        self._is_over = True
        await self.on_revoked({*self.pipelines, *self._transactors})

    def _changelog_of(self, tp: TP) -> TP | None:
        changelog = self._sources[tp.topic].changelog
        return None if changelog is None else TP(changelog, tp.partition)

    def _check_together(self, ours: list[TP], tps: set[TP]) -> None:
        # Faust assigns together what the same workers subscribe to with the same number of partitions. A pipeline
        # whose table never comes would stand still without a word.
        for tp in ours:
            changelog = self._changelog_of(tp)
            if changelog is not None and changelog not in tps:
                raise SplitAssignmentError(
                    f"{tp.topic}-{tp.partition} was assigned without {changelog.topic}-{changelog.partition}: both "
                    "topics must have as many partitions, and all workers of a group must be of one version"
                )

    async def _fence(self, tp: TP) -> Transactor:
        transactor = Transactor(
            f"{self._group}-{tp.topic}-{tp.partition}",
            self._sources[tp.topic].transaction_timeout_ms,
            codecs=self._codecs,
            **self._client,
        )
        try:
            await transactor.start()
        except BaseException:
            await transactor.stop()
            raise
        self._transactors[tp] = transactor
        return transactor

    async def _start(self, tp: TP) -> None:
        # Faust would drop what is raised here, and a partition would silently stand still.
        try:
            await self._open(tp)
        except Exception as error:
            await self._end(tp, error)

    async def _open(self, tp: TP, *, after_failure: bool = False) -> None:
        transactor = self._transactors.get(tp)
        opened = await self._sources[tp.topic].open(tp.partition, after_failure=after_failure)
        if transactor is None or self._transactors.get(tp) is not transactor:
            return  # revoked meanwhile, perhaps assigned again: what was read may be out of date
        if not after_failure and tp in self.pipelines:
            return  # already running
        inbox = Inbox(tp, opened.position, self._seek, self._limits.max_bytes)
        pipeline = Pipeline(
            inbox,
            opened.processor,
            transactor,
            self._group,
            self._limits.max_records,
            self._observer,
            opened.before,
        )
        self.pipelines[tp] = pipeline
        await self._seek(tp, opened.position)
        if not after_failure:
            self._tasks[tp] = asyncio.create_task(self._run(tp), name=f"pipeline {tp.topic}-{tp.partition}")

    async def _run(self, tp: TP) -> None:
        failures = 0
        while (pipeline := self.pipelines.get(tp)) is not None:
            try:
                await pipeline.run()
                return
            except Exception as error:
                failures = 1 if pipeline.turns else failures + 1
                if not await self._recovered(tp, failures, error):
                    return

    async def _recovered(self, tp: TP, failures: int, error: Exception) -> bool:
        try:
            may_pass = reaction_to(error) is Retry and failures <= TRIES
            if may_pass and await self._recover(tp, failures, error):
                return True
        except Exception as worse:
            error = worse
        await self._end(tp, error)
        return False

    async def _recover(self, tp: TP, failures: int, error: Exception) -> bool:
        # The outcome of the commit is unknown: a new initialisation of the id decides it, and the
        # changelog then tells what it was.
        logger.warning("%s-%s: %r; recovering (%s of %s)", *tp, error, failures, TRIES)
        await asyncio.sleep(FIRST_WAIT_SECONDS * 2 ** (failures - 1))
        broken = self._transactors.pop(tp, None)
        if broken is None:
            return True  # revoked meanwhile: the loop ends by itself
        try:
            await broken.stop()
        except Exception as error:
            if reaction_to(error) is not Retry:
                raise
            logger.warning("%s-%s: closing the broken producer failed too", *tp)
        try:
            await self._fence(tp)
            await self._open(tp, after_failure=True)
        except Exception as again:
            if reaction_to(again) is not Retry:
                raise
            self._transactors.setdefault(tp, broken)
            if failures >= TRIES:
                return False
            return await self._recover(tp, failures + 1, again)
        return True

    async def _end(self, tp: TP, error: BaseException) -> None:
        if self._is_over:
            return  # what fails while everything ends is not the cause
        self._is_over = True
        error.add_note(f"{tp.topic}-{tp.partition}")
        await self._crash(error)
