"""The manager: fence first, then open; recover what can be recovered, and stop loudly for the rest.

It is over 300 lines because a partition's life, from assignment through failures to revocation, is one story
with one set of fakes.
"""

import asyncio
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaTimeoutError,
    ProducerFenced,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from agents.log.bootstrap import RefusedError
from agents.log.records import TP
from agents.recordset import manager as module
from agents.recordset.manager import TRIES, Limits, Manager, Opened, SplitAssignmentError
from tests.agents.recordset.builders import FakeTransactor, ScriptedProcessor, Silent, record_set, until

PLAIN = TP("plain", 0)
TABLED = TP("tabled", 0)
CODECS = {"out": "zstd"}
CHANGELOG = TP("tabled-changelog", 0)
LIMITS = Limits(max_records=100, max_bytes=10)


class Field:
    """A manager among fakes; ``log``: what it did to them, in order."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.seeks: list[tuple[TP, int]] = []
        self.crashes: list[BaseException] = []
        self.transactors: list[FencingTransactor] = []
        self.timeouts: dict[str, int] = {}
        self.start_errors: list[BaseException] = []
        self.observer = Silent()
        self.manager = Manager(
            "app", {"bootstrap_servers": "b"}, LIMITS, self.observer, self._seek, self._crash, CODECS
        )

    def transactor(self, transactional_id: str, timeout_ms: int, **client: Any) -> "FencingTransactor":
        assert client == {"bootstrap_servers": "b", "codecs": CODECS}
        self.timeouts[transactional_id] = timeout_ms
        self.transactors.append(FencingTransactor(self, transactional_id))
        return self.transactors[-1]

    def add(self, topic: str, *, has_table: bool = False, timeout_ms: int = 1_000) -> "FakeSource":
        source = FakeSource(self, topic, f"{topic}-changelog" if has_table else None, timeout_ms)
        self.manager.add(source)
        return source

    async def _seek(self, tp: TP, position: int) -> None:
        self.seeks.append((tp, position))

    async def _crash(self, error: BaseException) -> None:
        self.crashes.append(error)

    async def offer(self, start: int, end: int, tp: TP = PLAIN) -> None:
        await self.manager.offer(record_set(start, end, tp=tp))

    def committed(self) -> list[tuple[str, int]]:
        """Which transactor committed which position."""
        return [(one.name, commit.position) for one in self.transactors for commit in one.commits]


class FencingTransactor(FakeTransactor):
    """Starting it fences. It is named after its id and how many came before it."""

    def __init__(self, field: Field, transactional_id: str) -> None:
        super().__init__()
        self.name = f"{transactional_id}#{len(field.transactors)}"
        self.stopped = False
        self._field = field

    async def start(self) -> None:
        await asyncio.sleep(0)
        if self._field.start_errors:
            raise self._field.start_errors.pop(0)
        self._field.log.append(f"fence {self.name}")

    async def stop(self) -> None:
        self.stopped = True
        self._field.log.append(f"stop {self.name}")


class FakeSource:
    """Opens processors at ``position``; ``errors`` are raised first, one an opening."""

    def __init__(self, field: Field, topic: str, changelog: str | None, timeout_ms: int) -> None:
        self.topic = topic
        self.changelog = changelog
        self.transaction_timeout_ms = timeout_ms
        self.position = 0
        self.errors: list[BaseException] = []
        self.processors: list[ScriptedProcessor] = []
        self.let_open = asyncio.Event()
        self.let_open.set()
        self._field = field

    async def open(self, partition: int, *, after_failure: bool) -> Opened:
        position = self.position
        self._field.log.append(f"open {self.topic}-{partition}{' after failure' * after_failure}")
        await self.let_open.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.processors.append(ScriptedProcessor())
        return Opened(position, self.processors[-1])


@pytest.fixture
def field() -> Iterator[Field]:
    made = Field()
    with mock.patch.multiple(module, Transactor=made.transactor, FIRST_WAIT_SECONDS=0.0):
        yield made


# --- assignment ---


async def test_an_assignment_fences_all_partitions_before_any_position_is_read(field: Field) -> None:
    field.add("plain")
    await field.manager.on_assigned({TP("plain", 0), TP("plain", 1), TP("changelog", 0)})
    assert {*field.log[:2]} in (
        {"fence app-plain-0#0", "fence app-plain-1#1"},
        {"fence app-plain-0#1", "fence app-plain-1#0"},
    )
    assert {*field.log[2:]} == {"open plain-0", "open plain-1"}, "and no topic that is not ours is touched"


async def test_a_pipeline_starts_where_its_source_says_and_the_consumer_is_sent_there(field: Field) -> None:
    field.add("plain").position = 7
    await field.manager.on_assigned({PLAIN})
    assert field.seeks == [(PLAIN, 7)]
    await field.offer(7, 9)
    await until(field.committed, "the pipeline does not run")
    assert field.committed() == [("app-plain-0#0", 9)]
    await field.manager.stop()


async def test_a_pipeline_with_a_table_waits_for_its_recovery_but_is_fenced_before_it(field: Field) -> None:
    field.add("tabled", has_table=True)
    second, its_changelog = TP("tabled", 1), TP("tabled-changelog", 1)
    await field.manager.on_assigned({TABLED, CHANGELOG, second, its_changelog})
    assert sorted(line.split("#")[0] for line in field.log) == ["fence app-tabled-0", "fence app-tabled-1"]
    assert not field.manager.pipelines
    await field.manager.on_recovered({CHANGELOG})
    assert set(field.manager.pipelines) == {TABLED}, "only what has been recovered"
    await field.manager.stop()


async def test_a_second_recovery_leaves_a_running_pipeline_alone(field: Field) -> None:
    field.add("tabled", has_table=True)
    await field.manager.on_assigned({TABLED, CHANGELOG})
    await field.manager.on_recovered({CHANGELOG})
    running = field.manager.pipelines[TABLED]
    await field.manager.on_recovered({CHANGELOG})
    assert field.manager.pipelines[TABLED] is running
    await field.manager.stop()


async def test_a_new_assignment_starts_even_retained_partitions_anew(field: Field) -> None:
    field.add("plain")
    await field.manager.on_assigned({PLAIN})
    first = field.manager.pipelines[PLAIN]
    await field.manager.on_assigned({PLAIN})
    assert field.manager.pipelines[PLAIN] is not first
    assert [one.stopped for one in field.transactors] == [True, False], "the former transactor is closed"
    await field.manager.stop()


async def test_of_two_logs_only_the_one_whose_changelog_is_recovered_starts(field: Field) -> None:
    """Their partitions have the same numbers."""
    for topic in ("tabled", "other"):
        field.add(topic, has_table=True)
    other, its_changelog = TP("other", 0), TP("other-changelog", 0)
    await field.manager.on_assigned({TABLED, CHANGELOG, other, its_changelog})
    await field.manager.on_recovered({its_changelog})
    assert set(field.manager.pipelines) == {other}, "a pipeline runs over a table that is not recovered"
    await field.manager.on_recovered({CHANGELOG})
    assert set(field.manager.pipelines) == {TABLED, other}
    await field.manager.stop()


async def test_each_log_has_its_own_transaction_timeout(field: Field) -> None:
    field.add("plain", timeout_ms=60_000)
    field.add("tabled", has_table=True, timeout_ms=10_000)
    await field.manager.on_assigned({PLAIN, TABLED, CHANGELOG})
    assert field.timeouts == {"app-plain-0": 60_000, "app-tabled-0": 10_000}
    await field.manager.stop()


async def test_a_log_that_is_assigned_without_its_changelog_is_an_error_that_names_both(field: Field) -> None:
    field.add("tabled", has_table=True)
    with pytest.raises(SplitAssignmentError, match="tabled-0 was assigned without tabled-changelog-0"):
        await field.manager.on_assigned({TABLED, TP("tabled-changelog", 1)})


# --- sets and fullness ---


async def test_a_partition_without_a_pipeline_is_full_and_one_that_is_not_ours_never(field: Field) -> None:
    field.add("plain")
    assert field.manager.is_full(PLAIN), "nothing could take its sets"
    assert not field.manager.is_full(TP("changelog", 0)), "recovery reads it"
    await field.manager.on_assigned({PLAIN})
    assert not field.manager.is_full(PLAIN)
    field.transactors[0].open_gate.clear()
    await field.offer(0, 1)
    await until(lambda: field.transactors[0].begun, "no commit begins")
    await field.offer(1, 12)
    assert field.manager.is_full(PLAIN), "eleven of ten bytes wait"
    field.transactors[0].open_gate.set()
    await field.manager.stop()


async def test_a_set_without_a_pipeline_is_dropped(field: Field) -> None:
    field.add("plain")
    await field.offer(0, 5)
    assert not field.seeks


# --- revocation ---


async def test_a_revocation_ends_the_transaction_under_way_and_drops_the_rest(field: Field) -> None:
    field.add("plain")
    await field.manager.on_assigned({PLAIN})
    transactor = field.transactors[0]
    transactor.open_gate.clear()
    await field.offer(0, 1)
    await until(lambda: transactor.begun, "no commit begins")
    await field.offer(1, 3)
    revoking = asyncio.create_task(field.manager.on_revoked({PLAIN}))
    await asyncio.sleep(0.02)
    assert not revoking.done(), "the transaction under way was not waited for"
    transactor.open_gate.set()
    await revoking
    assert field.committed() == [("app-plain-0#0", 1)], "what waited is dropped"
    assert field.log[-1] == "stop app-plain-0#0"
    assert not field.manager.pipelines
    assert field.manager.is_full(PLAIN)


async def test_only_what_is_revoked_stops(field: Field) -> None:
    field.add("plain")
    other = TP("plain", 1)
    await field.manager.on_assigned({PLAIN, other})
    await field.manager.on_revoked({PLAIN})
    await field.offer(0, 1, tp=other)
    await until(field.committed, "the other pipeline stands still")
    assert set(field.manager.pipelines) == {other}
    assert field.observer.revoked == {PLAIN}, "its figures are its new owner's to tell"
    await field.manager.stop()
    assert all(one.stopped for one in field.transactors)


async def test_a_partition_revoked_while_it_opens_gets_no_pipeline(field: Field) -> None:
    source = field.add("tabled", has_table=True)
    await field.manager.on_assigned({TABLED, CHANGELOG})
    source.let_open.clear()
    opening = asyncio.create_task(field.manager.on_recovered({CHANGELOG}))
    await until(lambda: "open tabled-0" in field.log, "it does not open")
    await field.manager.on_revoked({TABLED})
    source.let_open.set()
    await opening
    assert not field.manager.pipelines


async def test_what_was_opened_before_a_revocation_is_not_started_by_the_next_assignment(
    field: Field,
) -> None:
    source = field.add("tabled", has_table=True)
    await field.manager.on_assigned({TABLED, CHANGELOG})
    source.let_open.clear()
    opening = asyncio.create_task(field.manager.on_recovered({CHANGELOG}))
    await until(lambda: "open tabled-0" in field.log, "it does not open")
    await field.manager.on_revoked({TABLED})  # another worker has it, commits up to 500, and loses it again
    source.position = 500
    await field.manager.on_assigned({TABLED, CHANGELOG})
    source.let_open.set()
    await opening
    early = field.manager.pipelines.get(TABLED)
    try:
        assert early is None, f"a pipeline runs from {early.inbox.position}, before the table is recovered"
    finally:
        await field.manager.stop()


# --- failures ---


async def test_after_a_kafka_error_a_new_transactor_fences_and_the_source_is_opened_again(
    field: Field,
) -> None:
    source = field.add("plain")
    await field.manager.on_assigned({PLAIN})
    field.transactors[0].errors.append(KafkaConnectionError("away"))
    source.position = 2  # the transaction of unknown outcome did commit
    await field.offer(0, 2)
    await until(lambda: len(field.seeks) == 2, "no recovery")
    assert field.log == [
        "fence app-plain-0#0",
        "open plain-0",
        "stop app-plain-0#0",
        "fence app-plain-0#1",
        "open plain-0 after failure",
    ]
    assert field.seeks[-1] == (PLAIN, 2)
    await field.offer(2, 5)
    await until(field.committed, "the reopened pipeline does not run")
    assert field.committed() == [("app-plain-0#1", 5)]
    assert source.processors[0].written == [], "what the failed one had applied is thrown away"
    assert not field.crashes
    await field.manager.stop()


async def test_a_recovery_that_fails_is_tried_again(field: Field) -> None:
    source = field.add("plain")
    await field.manager.on_assigned({PLAIN})
    field.transactors[0].errors.append(KafkaConnectionError("away"))
    field.start_errors.append(KafkaTimeoutError("still away"))
    source.errors.append(KafkaTimeoutError("and again"))
    await field.offer(0, 1)
    await until(lambda: len(field.seeks) == 2, "no recovery")
    await field.offer(0, 1)
    await until(field.committed, "the reopened pipeline does not run")
    assert not field.crashes
    assert [one.stopped for one in field.transactors if not one.commits and "#1" not in one.name] == [
        True,
        True,
    ]
    await field.manager.stop()


async def test_it_gives_up_after_some_tries_and_the_worker_stops(field: Field) -> None:
    field.add("plain")
    await field.manager.on_assigned({PLAIN})
    error = KafkaConnectionError("away")
    field.transactors[0].errors.append(error)
    field.start_errors += [KafkaTimeoutError("still away")] * 100
    await field.offer(0, 1)
    await until(lambda: field.crashes, "it tries for ever")
    assert field.crashes == [error], "the worker is told what went wrong first"
    assert 100 - len(field.start_errors) == TRIES


async def test_commits_that_fail_again_and_again_stop_the_worker(field: Field) -> None:
    field.add("plain")
    await field.manager.on_assigned({PLAIN})

    async def always_failing() -> None:
        while not field.crashes:
            for one in field.transactors:
                one.errors[:] = [KafkaConnectionError("away")]
            await field.offer(0, 1)
            await asyncio.sleep(0.001)

    await asyncio.wait_for(always_failing(), 3)
    assert len(field.transactors) == 1 + TRIES
    assert len(field.crashes) == 1


async def test_a_commit_that_succeeds_forgets_the_failures_before_it(field: Field) -> None:
    source = field.add("plain")
    await field.manager.on_assigned({PLAIN})
    for number in range(2 * TRIES):
        await field.offer(number, number + 1)
        await until(lambda number=number: len(field.committed()) == number + 1, "no commit")
        field.transactors[-1].errors.append(KafkaConnectionError("away"))
        source.position = number + 1
        await field.offer(number + 1, number + 2)
        await until(lambda number=number: len(field.seeks) == number + 2, "no recovery")
    assert not field.crashes, "every failure was followed by a success"
    await field.manager.stop()


async def test_a_fenced_producer_stops_the_worker_at_once(field: Field) -> None:
    field.add("plain")
    await field.manager.on_assigned({PLAIN})
    field.transactors[0].errors.append(ProducerFenced("another owner"))
    await field.offer(0, 1)
    await until(lambda: field.crashes, "it goes on without owning the partition")
    assert isinstance(field.crashes[0], ProducerFenced)
    assert len(field.transactors) == 1, "to initialise the id again would fence the new owner"


@pytest.mark.parametrize(
    "error",
    [
        TransactionalIdAuthorizationFailed("app-plain-0"),
        TopicAuthorizationFailedError("payday.facts.v1"),
        RefusedError("127.0.0.1:9092: invalid credentials"),
    ],
)
async def test_what_the_broker_refuses_for_good_stops_the_worker_at_once(
    field: Field, error: Exception
) -> None:
    field.add("plain")
    await field.manager.on_assigned({PLAIN})
    field.transactors[0].errors.append(error)
    await field.offer(0, 1)
    await until(lambda: field.crashes, "it tries again what is not allowed")
    assert field.crashes == [error]
    assert len(field.transactors) == 1, "it asked again"
    assert error.__notes__ == ["plain-0"], "nobody is told of which partition it was"


async def test_a_refusal_in_the_middle_of_a_recovery_ends_it_at_once(field: Field) -> None:
    """The broker comes back, and the password has changed meanwhile."""
    field.add("plain")
    await field.manager.on_assigned({PLAIN})
    refusal = RefusedError("127.0.0.1:9092: invalid credentials")
    field.transactors[0].errors.append(KafkaConnectionError("away"))
    field.start_errors += [KafkaConnectionError("still away"), refusal, KafkaConnectionError("asked again")]
    await field.offer(0, 1)
    await until(lambda: field.crashes, "it tries again what is not allowed")
    assert field.crashes == [refusal]
    assert len(field.start_errors) == 1, "it asked again"


async def test_an_error_of_our_own_stops_the_worker_at_once(field: Field) -> None:
    source = field.add("plain")
    await field.manager.on_assigned({PLAIN})
    with mock.patch.object(source.processors[0], "apply", side_effect=ZeroDivisionError):
        await field.offer(0, 1)
        await until(lambda: field.crashes, "an exception in our code went unseen")
    assert isinstance(field.crashes[0], ZeroDivisionError)
    assert len(field.transactors) == 1


@pytest.mark.parametrize("error", [RuntimeError("the journal was recreated"), KafkaConnectionError("away")])
async def test_a_source_that_cannot_be_opened_stops_the_worker(field: Field, error: Exception) -> None:
    field.add("plain").errors.append(error)
    await field.manager.on_assigned({PLAIN})
    assert field.crashes == [error]


async def test_an_error_of_our_own_during_recovery_stops_the_worker(field: Field) -> None:
    source = field.add("plain")
    await field.manager.on_assigned({PLAIN})
    field.transactors[0].errors.append(KafkaConnectionError("away"))
    source.errors.append(RuntimeError("the journal was recreated"))
    await field.offer(0, 1)
    task = field.manager._tasks[PLAIN]
    await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 2)
    assert [type(error) for error in field.crashes] == [RuntimeError], f"the pipeline ended unseen: {task}"


async def test_fencing_that_fails_on_assignment_is_told_to_the_consumer_which_stops_the_worker(
    field: Field,
) -> None:
    field.add("plain")
    field.start_errors.append(KafkaTimeoutError("the transaction coordinator does not answer"))
    with pytest.raises(KafkaTimeoutError):
        await field.manager.on_assigned({PLAIN})
    assert not field.manager.pipelines


async def test_a_transactor_that_cannot_start_is_closed(field: Field) -> None:
    field.add("plain")
    await field.manager.on_assigned({PLAIN})
    field.transactors[0].errors.append(KafkaConnectionError("away"))
    field.start_errors.append(KafkaTimeoutError("still away"))
    await field.offer(0, 1)
    await until(lambda: len(field.seeks) == 2, "no recovery")
    try:
        assert field.transactors[1].stopped
    finally:
        await field.manager.stop()


async def test_a_revocation_during_recovery_ends_it(field: Field) -> None:
    source = field.add("plain")
    await field.manager.on_assigned({PLAIN})
    field.transactors[0].errors.append(KafkaConnectionError("away"))
    source.let_open.clear()
    await field.offer(0, 1)
    await until(lambda: "open plain-0 after failure" in field.log, "no recovery")
    await field.manager.on_revoked({PLAIN})
    source.let_open.set()
    await asyncio.sleep(0.01)
    assert not field.manager.pipelines
    assert all(one.stopped for one in field.transactors)
    assert not field.crashes
