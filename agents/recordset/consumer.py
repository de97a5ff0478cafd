"""Faust's consumer, cutting record sets.

What it changes in Faust's own driver, and why (FACTS of the field, each seen):

- read committed, and a short fetch wait: Faust hard-codes 1.5 s, which an idle partition then
  imposes on a busy one;
- one message per partition and fetch, taken between two readings of the fetch position, with no await
  that yields between them: a seek could slip in;
- a set is also handed over when only control records were passed, so that recovery can see the
  end of a changelog that ends in one;
- a partition whose inbox is full is left out of the fetch, without Faust's buffer pressure, which
  would hold up the other partitions for a second;
- it has no thread of its own (see ``oneloop``), and takes what it has fetched batch by batch (see ``batches``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiokafka
from aiokafka import TopicPartition
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers.aiokafka import (
    AIOKafkaConsumerThread,
    Consumer,
    Transport,
    credentials_to_aiokafka_auth,
    server_list,
)
from faust.types import TP as FaustTP
from faust.types import ConsumerMessage

from agents.log.records import TP, RecordSet
from agents.reactions import explain
from agents.recordset.batches import records_of, take_whole_batches
from agents.recordset.consumer_on_loop import ConsumerOnTheLoop

FETCH_WAIT_MS = 10
PAUSE_SECONDS = 0.005
"""How soon a full partition is looked at again."""

Rebalance = Callable[[set[TP]], Awaitable[None]]


async def _nothing(_partitions: set[TP]) -> None:
    return None


class Hooks:
    """What the service wants to know of its partitions.

    ``assigned`` is awaited before Faust reads any position or high-water mark, ``revoked`` before
    Faust lets the partitions go; ``is_full`` is asked before each fetch.
    """

    def __init__(self) -> None:
        self.assigned: Rebalance = _nothing
        self.revoked: Rebalance = _nothing
        self.is_full: Callable[[TP], bool] = lambda _tp: False


class RecordSetConsumerThread(ConsumerOnTheLoop):
    """What owns the aiokafka consumer; a thread only by its name in Faust."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        self._assignor = self.app.assignor
        return aiokafka.AIOKafkaConsumer(
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            bootstrap_servers=server_list(transport.url, transport.default_port),
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            max_poll_interval_ms=int((conf.broker_max_poll_interval or 300.0) * 1000),
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            check_crcs=conf.broker_check_crcs,
            **credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
        )

    async def _fetch_records(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: set[Any],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> Mapping[FaustTP, list[RecordSet]]:
        if not self.consumer.flow_active:
            return {}
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError
        is_full = self.consumer.transport.hooks.is_full
        if fetcher._subscriptions.reassignment_in_progress:
            await fetcher._subscriptions.wait_for_assignment()
            return {}
        wanted = {tp for tp in active_partitions if not is_full(TP(*tp))}
        with fetcher._subscriptions.fetch_context():
            sets = await self._cut(consumer, wanted) if wanted else {}
            if not sets:
                full = len(wanted) < len(active_partitions)
                await self._wait_for_data(fetcher, PAUSE_SECONDS if full else timeout)
            return sets

    async def _cut(
        self, consumer: aiokafka.AIOKafkaConsumer, wanted: set[Any]
    ) -> dict[FaustTP, list[RecordSet]]:
        fetcher = consumer._fetcher
        before = self._positions(consumer, wanted)
        if not before:
            return {}  # to aiokafka no partitions would mean all of them
        for result in fetcher._records.values():
            take_whole_batches(result, fetcher._max_partition_fetch_bytes)
        # timeout=0: no await that yields stands between the two readings of the positions.
        fetched = await fetcher.fetched_records(
            {TopicPartition(*tp) for tp in before}, timeout=0, max_records=None
        )
        after = self._positions(consumer, wanted)
        return {
            FaustTP(*tp): [RecordSet.cut(TP(*tp), start, after[tp], records_of(fetched.get(tp, ())))]
            for tp, start in before.items()
            if tp in after and after[tp] != start
        }

    def _positions(self, consumer: aiokafka.AIOKafkaConsumer, wanted: set[Any]) -> dict[Any, int]:
        assignment = consumer._subscription.subscription.assignment
        positions = {}
        for tp in wanted:
            topic_partition = TopicPartition(*tp)
            if topic_partition in assignment.tps:
                state = assignment.state_value(topic_partition)
                # While a reset or a seek is on its way there is no position to read at.
                if state.has_valid_position:
                    positions[topic_partition] = state.position
        return positions

    async def _wait_for_data(self, fetcher: Any, timeout: float | None) -> None:
        waiter = fetcher._create_fetch_waiter()
        done, _pending = await asyncio.wait([waiter], timeout=timeout)
        if not done:
            waiter.cancel()
        else:
            waiter.result()  # raises what the fetcher met, an authorisation error for instance

    def seek_if_assigned(self, tp: TP, position: int) -> None:
        """Seek, unless the partition has gone meanwhile."""
        consumer, topic_partition = self._ensure_consumer(), TopicPartition(*tp)
        if consumer._subscription.is_assigned(topic_partition):
            consumer.seek(topic_partition, position)


class _Forgetful(dict[Any, None]):
    """Stands in for Faust's memory of read offsets, by which it drops what it has seen before:
    it would swallow what is fetched again after a seek. The inbox decides what follows on what."""

    def __getitem__(self, tp: Any) -> None:
        return None

    def __setitem__(self, tp: Any, offset: Any) -> None:
        pass

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Remember nothing."""


class RecordSetConsumer(Consumer):
    """Hands Faust one message per record set; its offset is the last one the set spans."""

    _thread: RecordSetConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_offset = _Forgetful()

    async def seek_to(self, tp: TP, position: int) -> None:
        """Send the fetch position of a partition to ``position``."""
        self._thread.seek_if_assigned(tp, position)

    async def seek_wait(self, partitions: Mapping[FaustTP, int | None]) -> None:
        """Seek, and wait for it. None, of a partition that the next rebalance has just added to those Faust recovers,
        would end the worker; that rebalance makes Faust seek again."""
        await super().seek_wait({tp: position or 0 for tp, position in partitions.items()})

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return RecordSetConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:
        """Fetch; what ends the worker is told by the app, before Faust logs it with its traceback."""
        try:
            return await super()._getmany(active_partitions, timeout)
        except Exception as error:
            if explain(error) is not None:
                self.app.tell(error)
            raise

    def _to_message(self, tp: FaustTP, record: RecordSet) -> ConsumerMessage:
        return ConsumerMessage(
            record.tp.topic,
            record.tp.partition,
            record.end - 1,
            0.0,
            0,
            [],
            None,
            record,
            None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )

    def verify_event_path(self, now: float, tp: FaustTP) -> None:
        """Faust would log an error every few seconds for each changelog partition, which nobody reads
        after recovery. Whether there is progress is ``agents.ops.health``'s to tell."""

    async def commit_positions(self, positions: Mapping[TP, int]) -> bool:
        """Commit input positions outside a transaction; False if they are no longer ours to commit."""
        return bool(await self._thread.commit({FaustTP(*tp): offset for tp, offset in positions.items()}))

    async def on_partitions_revoked(self, revoked: set[FaustTP]) -> None:
        """Let go of the partitions' pipelines first: what is in flight ends, what waits is dropped."""
        await self._or_crash(self.transport.hooks.revoked, revoked)
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[FaustTP], generation_id: int = 0) -> None:
        """Fence the former owners before any position or high-water mark is read."""
        await self._or_crash(self.transport.hooks.assigned, assigned)
        await super().on_partitions_assigned(assigned, generation_id)

    async def _or_crash(self, hook: Rebalance, tps: set[FaustTP]) -> None:
        # Faust would drop the exception, and the partitions would silently stand still.
        try:
            await hook({TP(*tp) for tp in tps})
        except Exception as error:
            await self.app.crash(error)
            raise


class RecordSetTransport(Transport):
    """The transport to give a Faust app: ``app.transport = RecordSetTransport(url, app, hooks)``."""

    Consumer = RecordSetConsumer

    def __init__(self, url: Any, app: Any, hooks: Hooks, **kwargs: Any) -> None:
        super().__init__(url, app, **kwargs)
        self.hooks = hooks
