"""What agents/recordset takes for granted of Faust and aiokafka. A release that breaks one of these
assumptions must fail here, with the assumption in words, and not in a bank at night.

It is over 300 lines because the list of assumptions is that long, and should be read as one list.
"""

import ast
import asyncio
import inspect
import itertools
import textwrap
import tomllib
from collections.abc import Awaitable, Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple
from unittest import mock

import aiokafka
import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewTopic as Topic
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.producer import message_accumulator, sender, transaction_manager
from aiokafka.producer.message_accumulator import MessageAccumulator
from faust.tables.recovery import Recovery
from faust.tables.table import Table
from faust.transport.consumer import Consumer as BaseConsumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP as FaustTP
from mode.threads import ServiceThread
from mode.utils.queues import FlowControlEvent

from agents.hosting import RecordSetSchema, bare_app
from agents.log import producer
from agents.log.records import TP, RecordSet
from agents.log.topics import admin
from agents.log.transaction import Transactor, Write
from agents.recordset.consumer import (
    FETCH_WAIT_MS,
    Hooks,
    RecordSetConsumer,
    RecordSetConsumerThread,
    RecordSetTransport,
)
from agents.recordset.consumer_on_loop import ConsumerOnTheLoop
from agents.recordset.fetched import FetchedRecords
from agents.recordset.flow import FlowControl
from agents.recordset.table import KeyedTable
from agents.settings import Settings
from tests.parsing import parse

pytestmark = pytest.mark.timeout(30)
ROOT = Path(__file__).parents[2]
IN = TopicPartition("in", 0)
NewTopic = Callable[..., Awaitable[str]]


def parameters(function: Any) -> list[str]:
    """The names of a function's parameters, as they are called; * before those that need their name."""
    kinds = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return [kinds.get(one.kind, "") + one.name for one in inspect.signature(function).parameters.values()]


def tree_of(function: Any) -> ast.AST:
    plain = getattr(function, "fun", function)  # Faust wraps a service's background tasks
    return parse(textwrap.dedent(inspect.getsource(plain)))


def calls_of(function: Any) -> list[str]:
    """What a function calls, as text."""
    return [ast.unparse(node.func) for node in ast.walk(tree_of(function)) if isinstance(node, ast.Call)]


@pytest.fixture
async def app() -> faust.App:
    made = bare_app(Settings(_env_file=None), "app", Hooks())
    made.finalize()
    return made


# --- versions ---


@pytest.mark.parametrize("name", ["faust-streaming", "aiokafka"])
def test_the_version_is_pinned_and_installed_exactly(name: str) -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    pinned = [one.split("==")[1] for one in wanted if one.startswith(f"{name}==")]
    assert pinned == [version(name)], (
        f"{name} is not pinned to what is installed: the rest of this file judges that"
    )


# --- what is replaced in aiokafka's modules is what they use ---


def test_a_fetched_answer_becomes_our_records() -> None:
    assert fetcher.MemoryRecords is FetchedRecords
    assert "MemoryRecords(part_data[-1])" in ast.unparse(tree_of(Fetcher._proc_fetch_request))


def test_the_futures_and_tasks_of_a_transaction_are_made_where_we_retrieve_their_exceptions() -> None:
    for module in (message_accumulator, transaction_manager):
        assert module.create_future is producer._create_future
        assert "create_future" in calls_of(module)
    assert sender.create_task is producer._create_task
    assert "create_task" in calls_of(sender)


def test_the_end_of_a_transaction_is_asked_for_by_ours() -> None:
    assert sender.EndTxnHandler is producer.PatientEnd
    assert "EndTxnHandler" in calls_of(sender)
    assert "for_code(resp.error_code)" in ast.unparse(tree_of(sender.EndTxnHandler.__base__.handle_response))


def test_a_batch_of_our_own_is_made_as_the_producer_makes_one() -> None:
    [made] = [
        node
        for node in ast.walk(tree_of(MessageAccumulator.create_builder))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "BatchBuilder"
    ]
    assert [ast.unparse(one) for one in made.args] == ["self._batch_size", "self._compression_type"]
    assert "is_transactional" in [one.arg for one in made.keywords]


# --- what is overridden has the signature we override ---

OVERRIDDEN = [
    (AIOKafkaConsumerThread, RecordSetConsumerThread, "_create_worker_consumer"),
    (AIOKafkaConsumerThread, RecordSetConsumerThread, "_fetch_records"),
    *(
        (AIOKafkaConsumerThread, ConsumerOnTheLoop, name)
        for name in (
            "start",
            "call_thread",
            "on_stop",
            "_stopped_set",
            "_stop_children",
            "_stop_futures",
            "_stop_exit_stacks",
        )
    ),
    (Consumer, RecordSetConsumer, "_new_consumer_thread"),
    (Consumer, RecordSetConsumer, "seek_wait"),
    (BaseConsumer, RecordSetConsumer, "on_partitions_revoked"),
    (BaseConsumer, RecordSetConsumer, "on_partitions_assigned"),
    (Consumer, RecordSetConsumer, "_to_message"),
    (Table, KeyedTable, "persisted_offset"),
    (Table, KeyedTable, "apply_changelog_batch"),
    (Table, KeyedTable, "on_rebalance"),
    (Table, KeyedTable, "on_recovery_completed"),
    (FlowControlEvent, FlowControl, "resume"),
    (faust.Schema, RecordSetSchema, "loads_key"),
    (faust.Schema, RecordSetSchema, "loads_value"),
]


@pytest.mark.parametrize(
    ("theirs", "ours", "name"), OVERRIDDEN, ids=lambda value: getattr(value, "__name__", value)
)
def test_what_we_override_exists_and_takes_the_same(theirs: type, ours: type, name: str) -> None:
    assert hasattr(theirs, name), f"{theirs.__name__}.{name} has gone: our override is never called"
    base, own = getattr(theirs, name), getattr(ours, name)
    assert own is not base, f"{ours.__name__} does not override {name}"
    assert inspect.iscoroutinefunction(own) == inspect.iscoroutinefunction(base), f"{name}: one is async"
    needed = [one for one in parameters(base) if not one.startswith("*")]
    taken = parameters(own)
    assert needed == [one for one in taken if not one.startswith("*")] or "**_" in taken, (
        f"{name} takes {needed} now"
    )


def test_what_we_call_takes_what_we_give() -> None:
    assert parameters(AIOKafkaConsumerThread.call_thread) == ["self", "fun", "*args", "**kwargs"]
    assert parameters(AIOKafkaConsumerThread._ensure_consumer) == ["self"]
    assert parameters(AIOKafkaConsumerThread.commit) == ["self", "offsets"]
    assert not inspect.iscoroutinefunction(AIOKafkaConsumerThread._ensure_consumer)
    assert parameters(Fetcher._create_fetch_waiter) == ["self"]
    assert not inspect.iscoroutinefunction(AIOKafkaConsumer.seek), (
        "a seek that awaits could slip between two readings"
    )


def test_faust_fetches_through_our_override() -> None:
    assert "self.call_thread" in calls_of(AIOKafkaConsumerThread.getmany)
    assert "self._fetch_records" in ast.unparse(tree_of(AIOKafkaConsumerThread.getmany))


def test_a_service_thread_can_be_given_a_loop_and_starts_and_stops_in_what_we_call() -> None:
    assert "thread_loop" in inspect.signature(ServiceThread.__init__).parameters
    served = calls_of(ServiceThread._serve) + calls_of(ServiceThread._shutdown_thread)
    own = {"self._default_start", "self.on_thread_stop", "self._default_stop_children",
           "self._default_stop_futures", "self._default_stop_exit_stacks"}  # fmt: skip
    assert own <= set(served), "what the thread does, the loop has to do in its place"
    rest = set(served) - own
    assert not {call for call in rest if call.startswith(("self._default", "self._stop"))}, rest


def test_the_transport_makes_the_consumer_we_name(app: faust.App) -> None:
    assert isinstance(app.transport, RecordSetTransport)
    assert issubclass(RecordSetTransport.Consumer, Transport.Consumer)
    assert "self.Consumer" in calls_of(Transport.create_consumer)


# --- the consumer that is made ---


class Made(NamedTuple):
    """What a consumer was made with."""

    stock: dict[str, Any]
    ours: dict[str, Any]


@pytest.fixture
async def made(app: faust.App) -> Made:
    def arguments(kind: type[AIOKafkaConsumerThread]) -> dict[str, Any]:
        thread: Any = object.__new__(kind)
        thread.app = app
        thread.consumer = SimpleNamespace(in_transaction=False)
        with mock.patch.object(aiokafka, "AIOKafkaConsumer") as constructor:
            thread._create_worker_consumer(app.transport)
        given: dict[str, Any] = constructor.call_args.kwargs
        return given

    return Made(arguments(AIOKafkaConsumerThread), arguments(RecordSetConsumerThread))


async def test_what_faust_sets_we_set_too(made: Made) -> None:
    left_out = {
        "max_poll_records",
        "connections_max_idle_ms",
    }  # as many as there are; aiokafka's default is the same
    assert set(made.stock) - set(made.ours) == left_out, (
        "Faust sets something new: decide on it in _create_worker_consumer"
    )
    differing = {name for name in set(made.stock) & set(made.ours) if made.stock[name] != made.ours[name]}
    same_but_new = {"partition_assignment_strategy"}
    changed = {"isolation_level", "fetch_max_wait_ms", "max_poll_interval_ms"}
    assert differing - same_but_new <= changed, "we differ from Faust where we did not mean to"


async def test_our_consumer_reads_committed_waits_briefly_and_never_commits_by_itself(made: Made) -> None:
    assert made.ours["isolation_level"] == "read_committed"
    assert made.ours["fetch_max_wait_ms"] == FETCH_WAIT_MS
    assert made.ours["enable_auto_commit"] is False
    assert made.stock["fetch_max_wait_ms"] == 1_500, "Faust no longer hard-codes it: use its setting"
    consumer = AIOKafkaConsumer(**made.ours)  # aiokafka knows every argument
    assert consumer._isolation_level == "read_committed"


# --- what Faust remembers ---


def test_faust_touches_its_memory_of_read_offsets_only_in_ways_that_ours_forgets() -> None:
    # RecordSetConsumer replaces it, so that what is fetched again after a seek is not dropped.
    known = {
        "self._read_offset = defaultdict(lambda: None)",
        "read_offset = self._read_offset",  # perform_seek: then read_offset.update(…)
        "self._read_offset[ensure_TP(partition)] = offset if offset else None",
        "self._read_offset.pop(tp, None)",
        "get_read_offset = self._read_offset.__getitem__",
        "set_read_offset = self._read_offset.__setitem__",
    }
    statements = {
        ast.unparse(node)
        for node in ast.walk(tree_of(BaseConsumer))
        if isinstance(node, ast.Assign | ast.Expr | ast.AugAssign)
    }
    used = {text for text in statements if "_read_offset" in text and "\n" not in text} - {
        text for text in statements if text.startswith(("r_offset", "set_read_offset("))
    }
    assert used == known, "Faust uses its memory in another way now: see _Forgetful"
    assert "read_offset.update" in calls_of(BaseConsumer.perform_seek)


def test_draining_reads_and_writes_the_memory_only_by_get_and_set() -> None:
    tree = tree_of(BaseConsumer._drain_messages)
    uses = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and "_read_offset" in node.attr
    ]
    assert uses == ["self._read_offset", "self._read_offset"]
    text = ast.unparse(tree)
    assert "self._read_offset.__getitem__" in text
    assert "self._read_offset.__setitem__" in text
    assert "if r_offset is None or offset >= r_offset" in text, "None lets every offset pass"


async def test_a_record_set_is_a_message_at_the_last_offset_it_spans() -> None:
    consumer: Any = object.__new__(RecordSetConsumer)
    consumer.app = SimpleNamespace(consumer_generation_id=7)
    cut = RecordSet(TP("in", 3), 10, 25, [], 0)
    message = consumer._to_message(FaustTP("in", 3), cut)
    assert (message.topic, message.partition, message.offset, message.key) == ("in", 3, 24, None)
    assert message.value is cut
    assert (message.tp, message.generation_id) == (FaustTP("in", 3), 7)


# --- aiokafka's fetcher and positions ---


class Unpacked(Iterator[int]):
    """Records as a fetch response unpacks them."""

    def __init__(self, *offsets: int) -> None:
        self._offsets = list(offsets)
        self.next_fetch_offset = offsets[0]

    def __next__(self) -> int:
        if not self._offsets:
            raise StopIteration
        offset = self._offsets.pop(0)
        self.next_fetch_offset = offset + 1
        return offset


class Fetched:
    """A fetcher without a broker: the real ``fetched_records`` over real subscription state."""

    PARTITIONS: ClassVar = {IN, TopicPartition("in", 1)}

    def __init__(self) -> None:
        self.subscriptions = SubscriptionState()
        self.subscriptions.assign_from_user(self.PARTITIONS)
        self.assignment = self.subscriptions.subscription.assignment
        self._fetcher: Any = SimpleNamespace(
            _subscriptions=self.subscriptions, _records={}, _notify=lambda _: None, _wait_consume_future=None
        )

    def add(self, tp: TopicPartition, *offsets: int) -> None:
        self.assignment.state_value(tp).seek(offsets[0])
        self._fetcher._records[tp] = FetchResult(
            tp, assignment=self.assignment, partition_records=Unpacked(*offsets), backoff=0
        )

    def now(self, *tps: TopicPartition) -> dict[TopicPartition, list[int]]:
        """The records, if they come without one yield to the event loop."""
        coroutine = Fetcher.fetched_records(self._fetcher, set(tps), timeout=0, max_records=None)
        try:
            coroutine.send(None)
        except StopIteration as done:
            found: dict[TopicPartition, list[int]] = done.value
            return found
        coroutine.close()
        raise AssertionError(
            "fetched_records(timeout=0) awaits now: a seek can slip between two readings of a position"
        )


async def test_fetched_records_takes_what_we_give() -> None:
    assert parameters(Fetcher.fetched_records) == ["self", "partitions", "timeout", "max_records"]


async def test_without_a_timeout_fetched_records_does_not_yield_and_moves_the_position_with_the_records() -> (
    None
):
    fetched = Fetched()
    assert fetched.now(IN) == {}, "nothing there, and no waiting for it"
    fetched.add(IN, 5, 6, 9)
    assert fetched.now(IN) == {IN: [5, 6, 9]}, "no limit: all there is"
    assert fetched.assignment.state_value(IN).position == 10


async def test_records_of_partitions_that_are_not_asked_for_stay(app: faust.App) -> None:
    fetched, other = Fetched(), TopicPartition("in", 1)
    fetched.add(other, 7)
    assert fetched.now(IN) == {}
    assert fetched.assignment.state_value(other).position == 7
    assert fetched.now(other) == {other: [7]}


async def test_no_partitions_means_all() -> None:
    fetched = Fetched()
    fetched.add(IN, 5)
    assert fetched.now() == {IN: [5]}, "so _cut must never ask for none"


async def test_what_was_fetched_before_a_seek_is_not_handed_over() -> None:
    fetched = Fetched()
    fetched.add(IN, 5, 6)
    fetched.assignment.state_value(IN).seek(3)
    assert fetched.now(IN) == {}
    assert fetched.assignment.state_value(IN).position == 3


async def test_positions_are_where_we_read_them() -> None:
    assignment = Fetched().assignment
    assert set(assignment.tps) == Fetched.PARTITIONS
    state = assignment.state_value(IN)
    assert state.has_valid_position is False, "before the first seek or reset"
    with pytest.raises(AssertionError):
        _ = state.position
    state.seek(5)
    assert (state.has_valid_position, state.position) == (True, 5)
    state.await_reset(-2)
    assert state.has_valid_position is False, "while a reset is on its way"


async def test_subscriptions_tell_of_reassignments_and_count_fetches() -> None:
    subscriptions = Fetched().subscriptions
    assert subscriptions.reassignment_in_progress is False
    assert SubscriptionState().reassignment_in_progress is True, "before any assignment"
    assert asyncio.isfuture(subscriptions.wait_for_assignment())
    with subscriptions.fetch_context():
        assert subscriptions.fetcher_idle_time == 0, (
            "a wait for data is not idleness: the member stays in the group"
        )
    assert subscriptions.is_assigned(IN)


# --- tables and their recovery ---


def test_recovery_asks_the_table_where_to_start_and_hands_it_batches() -> None:
    assert "table.persisted_offset" in calls_of(Recovery._add)
    assert "table.apply_changelog_batch" in calls_of(Recovery._slurp_changelogs)
    assert "table.apply_changelog_batch" in calls_of(Recovery.flush_buffers)
    assert "table.on_recovery_completed" in calls_of(Recovery.on_recovery_completed)
    assert "self.flush_buffers" in calls_of(Recovery._slurp_changelogs), (
        "before it says that recovery has ended"
    )


def test_recovery_hands_a_set_of_an_unknown_partition_to_the_table_of_the_set_before() -> None:
    text = inspect.getsource(Recovery._slurp_changelogs.fun)
    unknown = text.index("recovery unknown topic")
    assert "continue" not in text[unknown : text.index("seen_offset", unknown)], (
        "it passes over it now: a table need not look whose changelog a set is of"
    )


def test_all_tables_are_recovered_before_any_is_told_so() -> None:
    completed = inspect.getsource(Recovery.on_recovery_completed)
    assert "for table in self.tables.values()" in completed
    assert "self.actives_for_table[table]" in completed


def test_recovery_resumes_the_flow_once_more_when_standbys_are_read_already() -> None:
    restart, completed = (
        inspect.getsource(one) for one in (Recovery._restart_recovery.fun, Recovery.on_recovery_completed)
    )
    assert restart.index("resume_partitions)(standby_tps)") < restart.index(
        "on_recovery_completed)(generation_id)"
    )
    assert "flow_control.resume()" in completed, (
        "FlowControl may go: nothing empties the queue under the standbys"
    )


async def test_resuming_what_flows_leaves_in_the_queue_of_the_changelog_what_is_there(app: faust.App) -> None:
    queue = app.tables.changelog_queue
    app.flow_control.resume()
    queue.put_nowait("set")
    app.flow_control.resume()
    assert queue.qsize() == 1, "a standby would have a hole"
    app.flow_control.suspend()
    app.flow_control.resume()
    assert queue.qsize() == 0, "what was fetched before a rebalance is read again after it"


def test_recovery_swallows_exceptions() -> None:
    handlers = [
        node for node in ast.walk(tree_of(Recovery._slurp_changelogs)) if isinstance(node, ast.ExceptHandler)
    ]
    broad = [one for one in handlers if one.type is not None and ast.unparse(one.type) == "Exception"]
    assert len(broad) == 1, "Faust handles errors in recovery in another way: is on_broken still needed?"
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(broad[0])), (
        "it raises now: drop on_broken"
    )


def test_recovery_counts_by_the_offset_of_our_messages() -> None:
    # A set's message has the last offset the set spans, so the end is seen even where it is a control record.
    text = ast.unparse(tree_of(Recovery._slurp_changelogs))
    assert "offset = message.offset" in text
    assert "if seen_offset is None or offset > seen_offset" in text


async def test_a_table_takes_our_settings(app: faust.App) -> None:
    async def nothing(_: set[TP]) -> None:
        return None

    table = KeyedTable(
        app,
        name="accounts",
        on_recovered=nothing,
        on_broken=lambda _: None,
        changelog_topic=app.topic("log", schema=RecordSetSchema(), acks=False),
        partitions=4,
    )
    assert table.recovery_buffer_size == 2, "with 1, Faust reads the changelog on after recovery"
    assert app.tables.add(table) is table


# --- acks and values ---


async def test_a_topic_without_acks_is_not_tracked_for_commits(app: faust.App) -> None:
    app.topics.add(app.topic("ours", schema=RecordSetSchema(), acks=False))
    app.topics.add(app.topic("theirs"))
    await app.topics._update_indices()
    assert not app.topics.acks_enabled_for("ours"), (
        "Faust would commit positions behind our transactions' back"
    )
    assert app.topics.acks_enabled_for("theirs")
    assert "self.app.topics.acks_enabled_for" in calls_of(BaseConsumer.ack), (
        "what decides whether a message is tracked"
    )


async def test_a_stream_without_acks_yields_our_sets_as_they_are(app: faust.App) -> None:
    channel = app.topic("in", schema=RecordSetSchema(), acks=False)
    cut = RecordSet(TP("in", 0), 0, 3, [], 0)
    consumer: Any = object.__new__(RecordSetConsumer)
    consumer.app = app
    message = consumer._to_message(FaustTP("in", 0), cut)
    event = await channel.decode(message, propagate=True)
    assert event.value is cut
    assert event.key is None
    app.flow_control.resume()
    async with asyncio.timeout(5):
        stream = app.stream(channel).noack()
        assert stream.enable_acks is False
        await stream.channel.put(event)
        async for one in stream.events():
            assert one.value is cut, "something between consumer and agent changed the set"
            break


# --- a real broker ---


def _producer(settings: Settings, transactional_id: str) -> AIOKafkaProducer:
    return AIOKafkaProducer(**settings.kafka_client(), transactional_id=transactional_id)


def _consumer(settings: Settings, isolation_level: str = "read_committed") -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        **settings.kafka_client(),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level=isolation_level,
    )


@pytest.mark.broker
async def test_the_end_for_a_committed_reader_is_the_last_stable_offset(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    tp = TopicPartition(await new_topic(), 0)
    async with (
        _consumer(broker_settings) as committed,
        _consumer(broker_settings, "read_uncommitted") as uncommitted,
        _producer(broker_settings, f"{broker_settings.app_id}-x") as producer,
    ):
        async with producer.transaction():
            await producer.send_and_wait(tp.topic, b"1", partition=0)
        await producer.begin_transaction()
        await producer.send_and_wait(tp.topic, b"2", partition=0)
        stable, high = (await committed.end_offsets([tp]))[tp], (await uncommitted.end_offsets([tp]))[tp]
        assert (stable, high) == (2, 3), "recovery must end before what may still be aborted"
        await producer.abort_transaction()
        ends = []
        for _ in range(200):  # the mark is written a moment later
            ends.append((await committed.end_offsets([tp]))[tp])
            if ends[-1] == 4:
                break
            await asyncio.sleep(0.01)
        assert ends[-1] == 4, "an aborted transaction still holds committed readers up"


@pytest.mark.broker
async def test_the_position_passes_a_trailing_control_record_without_records(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    tp = TopicPartition(await new_topic(), 0)
    ours = Transactor(f"{broker_settings.app_id}-t", 60_000, **broker_settings.kafka_client())
    await ours.start()
    await ours.commit({TP(*tp): [Write(None, b"1")]})
    await ours.stop()
    async with _consumer(broker_settings) as consumer:
        consumer.assign([tp])
        offsets: list[int] = []
        async with asyncio.timeout(10):
            while await consumer.position(tp) < 2:
                offsets += [one.offset for one in (await consumer.getmany(timeout_ms=50)).get(tp, [])]
    assert offsets == [0], "and no record of it is handed over: a set must be cut by positions"


@pytest.mark.broker
async def test_a_real_partition_is_cut_into_sets_that_follow_on_each_other(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    tp = TopicPartition(await new_topic(), 0)
    ours = Transactor(f"{broker_settings.app_id}-t", 60_000, **broker_settings.kafka_client())
    await ours.start()
    thread: Any = object.__new__(RecordSetConsumerThread)
    flow = SimpleNamespace(flow_active=True, transport=SimpleNamespace(hooks=Hooks()))
    thread.consumer = flow
    sets: list[RecordSet] = []
    async with _consumer(broker_settings) as consumer, asyncio.timeout(20):
        consumer.assign([tp])
        for number in range(5):
            await ours.commit({TP(*tp): [Write(None, b"%d" % number)] * 3})
            while not sets or sets[-1].end < 4 * (number + 1):
                for found in (await thread._fetch_records(consumer, {tp}, timeout=0.2)).values():
                    sets += found
        flow.flow_active = False
        assert await thread._fetch_records(consumer, {tp}, timeout=0.2) == {}, (
            "nothing is cut while the flow is stopped"
        )
    await ours.stop()
    assert sets[0].start == 0
    assert all(before.end == after.start for before, after in itertools.pairwise(sets))
    assert [one.value for cut in sets for one in cut.records] == [
        b"%d" % n for n in range(5) for _ in range(3)
    ]


@pytest.mark.broker
@pytest.mark.parametrize("stamped_by", ["CreateTime", "LogAppendTime"])
async def test_a_record_as_unpacked_says_what_aiokafkas_own_record_says(
    broker_settings: Settings, stamped_by: str
) -> None:
    tp = TopicPartition(f"{broker_settings.app_id}-stamps", 0)
    async with admin(broker_settings) as client:
        config = {"message.timestamp.type": stamped_by}
        await client.create_topics([Topic(tp.topic, 1, 1, topic_configs=config)])
    ours = Transactor(f"{broker_settings.app_id}-t", 60_000, **broker_settings.kafka_client())
    await ours.start()
    writes = [Write(b"k", b"1", (("type", b"x"), ("type", b"y"))), Write(None, b"2"), Write(b"k", None)]
    await ours.commit({TP(*tp): writes})
    await ours.stop()
    thread: Any = object.__new__(RecordSetConsumerThread)
    thread.consumer = SimpleNamespace(flow_active=True, transport=SimpleNamespace(hooks=Hooks()))
    copied: list[Any] = []
    cut: list[Any] = []
    async with (
        _consumer(broker_settings) as plain,
        _consumer(broker_settings) as consumer,
        asyncio.timeout(20),
    ):
        for one in (plain, consumer):
            one.assign([tp])
        while len(copied) < len(writes):
            copied += (await plain.getmany(tp, timeout_ms=50)).get(tp, [])
        while len(cut) < len(writes):
            for sets in (await thread._fetch_records(consumer, {tp}, timeout=0.2)).values():
                cut += [record for record_set in sets for record in record_set.records]
    names = ("offset", "timestamp", "key", "value")
    for copy, record in zip(copied, cut, strict=True):
        assert [getattr(record, name) for name in names] == [getattr(copy, name) for name in names]
        assert tuple(record.headers) == copy.headers
        assert type(record) is not type(copy), "records are copied again: aiokafka asks another method now"
