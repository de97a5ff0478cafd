"""Where a log ends, and how far a group has come."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    CoordinatorLoadInProgressError,
    GroupCoordinatorNotAvailableError,
    NotCoordinatorForGroupError,
)

from agents.log.records import TP, LogGapError, RecordSet
from agents.settings import Settings

logger = logging.getLogger(__name__)

Missed = Callable[[TP, int], None]
"""Is told of a partition whose first so many offsets are gone before a group first read it."""

COORDINATOR_TRIES: Final = 60
COORDINATOR_WAIT_SECONDS: Final = 0.25
SETTLE_SECONDS: Final = 5.0
SILENCE_SECONDS: Final = 60.0


async def committed(client: AIOKafkaAdminClient, group: str, tps: Iterable[TP]) -> dict[TP, int]:
    """The group's committed positions; partitions without one are left out."""
    wanted = [TopicPartition(*tp) for tp in tps]
    for tries_left in reversed(range(COORDINATOR_TRIES)):
        try:
            found = await client.list_consumer_group_offsets(group, partitions=wanted)
            if not all(tp in found for tp in wanted):
                # A coordinator that is still loading answers for the group, which aiokafka passes over, and names
                # no partition. Whoever took that for "never committed" would read everything again.
                raise CoordinatorLoadInProgressError(f"no answer for all partitions of group {group}")
            break
        except (
            GroupCoordinatorNotAvailableError,
            NotCoordinatorForGroupError,
            CoordinatorLoadInProgressError,
        ):
            # The coordinator moves, loads, or is being made for the first group of a new cluster.
            if not tries_left:
                raise
            await asyncio.sleep(COORDINATOR_WAIT_SECONDS)
    return {TP(*tp): meta.offset for tp, meta in found.items() if meta.offset >= 0}


class LogReader:
    """A consumer without a group, for offsets and for reading a partition to its end."""

    def __init__(self, settings: Settings, *, isolation_level: str = "read_committed") -> None:
        self._consumer = AIOKafkaConsumer(
            **settings.kafka_client(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level=isolation_level,
            fetch_max_wait_ms=20,
        )

    async def __aenter__(self) -> "LogReader":
        try:
            await self._consumer.start()
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._consumer.stop()

    async def partitions(self, topic: str) -> list[TP]:
        """The partitions of a topic, in order."""
        await self._consumer._client._wait_on_metadata(topic)
        return [TP(topic, number) for number in sorted(self._consumer.partitions_for_topic(topic) or ())]

    async def ends(self, tps: Iterable[TP]) -> dict[TP, int]:
        """Where each log ends, exclusive (for a read_committed reader: its last stable offset)."""
        found = await self._consumer.end_offsets([TopicPartition(*tp) for tp in tps])
        return {TP(*tp): offset for tp, offset in found.items()}

    async def begins(self, tps: Iterable[TP]) -> dict[TP, int]:
        """The first offset each log still holds."""
        found = await self._consumer.beginning_offsets([TopicPartition(*tp) for tp in tps])
        return {TP(*tp): offset for tp, offset in found.items()}

    async def read(self, tp: TP, start: int, end: int) -> Any:
        """Yield record sets of [start, end), control records skipped. Raises ``TimeoutError`` if the log
        does not get there."""
        if start >= end:
            # A consumer that is stopped right after an assignment may wait for its own fetcher for ever: the fetcher
            # takes the cancellation for that of a request it has just cancelled itself.
            return
        partition = TopicPartition(*tp)
        self._consumer.assign([partition])
        self._consumer.seek(partition, start)
        position, heard = start, monotonic()
        while position < end:
            try:
                fetched = await self._consumer.getmany(partition, timeout_ms=200)
            except Exception as error:
                error.add_note(f"while {tp.topic}-{tp.partition} was read at offset {position}")
                raise
            after = await self._consumer.position(partition)
            if after == position:
                if monotonic() - heard > SILENCE_SECONDS:
                    raise TimeoutError(f"{tp.topic}-{tp.partition} stands at {position}, short of {end}")
                continue
            heard = monotonic()
            records = [record for record in fetched.get(partition, ()) if record.offset < end]
            yield RecordSet.cut(tp, position, max(after, position), records)
            position = after


async def settled_ends(settings: Settings, tps: list[TP]) -> dict[TP, int]:
    """Where each log ends for a read_committed reader once its latest commits can be seen: the last
    stable offset trails a commit for a moment. What an open transaction holds back is not waited for
    longer than five seconds."""
    async with LogReader(settings) as stable, LogReader(settings, isolation_level="read_uncommitted") as log:
        wanted = await log.ends(tps)
        until = monotonic() + SETTLE_SECONDS
        while True:
            ends = await stable.ends(tps)
            if monotonic() > until or all(ends[tp] >= wanted[tp] for tp in tps):
                return ends
            await asyncio.sleep(0.02)


async def start_positions(
    client: AIOKafkaAdminClient, log: LogReader, group: str, tps: list[TP], missed: Missed
) -> dict[TP, int]:
    """Where a group goes on: its committed positions, the log's beginning where it has none.

    Raises ``LogGapError`` where a log no longer holds what comes next.
    """
    begins = await log.begins(tps)
    known = await committed(client, group, tps)
    positions = {**begins, **known}
    for tp, position in positions.items():
        if tp not in known:
            tell_missed(tp, position, group, missed)
        if position < begins[tp]:
            raise LogGapError(
                f"{tp.topic}-{tp.partition} begins at {begins[tp]}, but {group} is only at {position}: records were "
                "deleted unread. Raise the topic's retention and restore them, or commit a later position for the "
                "group by hand if the loss is accepted"
            )
    return positions


def tell_missed(tp: TP, begin: int, group: str, missed: Missed) -> None:
    """Say and count what the log no longer holds of a partition that a group reads for the first time."""
    if begin:
        logger.warning(
            "%s-%s begins at %s, and %s has never read it: what stood before was deleted unread. Raise the topic's "
            "retention if that was not meant",
            *(tp.topic, tp.partition, begin, group),
        )
        missed(tp, begin)
