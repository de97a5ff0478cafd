"""The pipeline: one transaction after the other, and none after the end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import count
from unittest import mock

import pytest
from aiokafka.errors import KafkaConnectionError

from agents.recordset.inbox import Inbox
from agents.recordset.pipeline import APPLY_SECONDS, FIRST_RECORDS, GROWTH, Pipeline, next_room
from tests.agents.recordset.builders import (
    IN,
    OUT,
    Commit,
    FakeTransactor,
    ScriptedProcessor,
    Seeks,
    Silent,
    record_set,
    until,
)


class Rig:
    """A pipeline among fakes, from position 0 on."""

    def __init__(
        self,
        work_left: int = 0,
        max_records: int = 1_000,
        before: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.inbox = Inbox(IN, 0, Seeks(), 1_000)
        self.processor = ScriptedProcessor(work_left)
        self.transactor = FakeTransactor()
        self.observer = Silent()
        self.pipeline = Pipeline(
            self.inbox, self.processor, self.transactor, "group", max_records, self.observer, before  # type: ignore[arg-type]
        )  # fmt: skip

    async def offer(self, start: int, end: int, *offsets: int) -> None:
        await self.inbox.offer(record_set(start, end, offsets or None))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.pipeline.run())
        try:
            with mock.patch("agents.recordset.pipeline.IDLE_SECONDS", 0.01):
                yield task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def test_a_set_its_outcome_and_its_position_are_one_commit() -> None:
    rig = Rig()
    await rig.offer(0, 3, 0, 1)
    async with rig.running():
        await until(lambda: rig.transactor.commits, "no commit")
        await until(lambda: rig.pipeline.turns == 1, "the turn does not end")
    assert rig.transactor.commits == [Commit([b"0", b"1"], IN, 3, "group")]
    assert rig.processor.applied == [([0, 1], 3)], "the processor is told the position after the records"
    assert rig.processor.written == [{OUT: 101}], "and the offsets they were written at"
    assert (rig.pipeline.committed_position, rig.observer.records) == (3, [2])


async def test_nothing_is_applied_until_what_comes_before_is_over() -> None:
    gate, asked = asyncio.Event(), asyncio.Event()

    async def before() -> None:
        asked.set()
        await gate.wait()

    rig = Rig(before=before)
    await rig.offer(0, 1)
    async with rig.running():
        await asked.wait()
        await asyncio.sleep(0)
        assert rig.processor.applied == []
        gate.set()
        await until(lambda: rig.transactor.commits, "no commit")


async def test_the_next_set_is_applied_only_after_the_one_before_is_committed() -> None:
    rig = Rig(max_records=1)
    rig.transactor.open_gate.clear()
    await rig.offer(0, 1)
    await rig.offer(1, 2)
    async with rig.running():
        await until(lambda: rig.transactor.begun == 1, "the first commit does not begin")
        await asyncio.sleep(0.03)
        assert rig.processor.log == ["apply [0]"], (
            "the second set was applied while the first was being committed"
        )
        rig.transactor.open_gate.set()
        await until(lambda: rig.pipeline.turns == 2, "the second commit does not follow")
    assert rig.processor.log == ["apply [0]", "committed", "apply [1]", "committed"]


async def test_what_arrives_during_a_commit_is_applied_together() -> None:
    rig = Rig()
    rig.transactor.open_gate.clear()
    await rig.offer(0, 1)
    async with rig.running():
        await until(lambda: rig.transactor.begun == 1, "no commit begins")
        for start in range(1, 6):
            await rig.offer(start, start + 1)
        rig.transactor.open_gate.set()
        await until(lambda: rig.pipeline.turns == 2, "no second turn")
    assert [offsets for offsets, _ in rig.processor.applied] == [[0], [1, 2, 3, 4, 5]]


async def test_close_waits_for_the_commit_under_way_and_nothing_is_committed_after_it() -> None:
    rig = Rig()
    rig.transactor.open_gate.clear()
    await rig.offer(0, 1)
    async with rig.running() as task:
        await until(lambda: rig.transactor.begun == 1, "no commit begins")
        closing = asyncio.create_task(rig.pipeline.close())
        await rig.offer(1, 2)
        await asyncio.sleep(0.02)
        assert not closing.done(), "close did not wait for the commit under way"
        rig.transactor.open_gate.set()
        await closing
        assert len(rig.transactor.commits) == 1, "the commit under way ended"
        assert rig.processor.log == ["apply [0]", "committed"], "and was taken over"
        await asyncio.wait_for(task, 1)
    assert rig.transactor.begun == 1, "what waited was committed after the close"


async def test_a_closed_pipeline_applies_nothing_that_arrives() -> None:
    rig = Rig()
    async with rig.running() as task:
        await rig.pipeline.close()
        await rig.offer(0, 1)
        await asyncio.wait_for(task, 1)
    assert (rig.processor.applied, rig.transactor.begun) == ([], 0)


async def test_close_does_not_wait_for_ever() -> None:
    rig = Rig()
    rig.transactor.open_gate.clear()
    await rig.offer(0, 1)
    async with rig.running():
        await until(lambda: rig.transactor.begun == 1, "no commit begins")
        with mock.patch("agents.recordset.pipeline.CLOSE_SECONDS", 0.02):
            await asyncio.wait_for(rig.pipeline.close(), 1)
    assert rig.processor.written == [], "the outcome is unknown: nothing is taken over"


async def test_a_position_moved_by_control_records_alone_is_committed_when_idle() -> None:
    rig = Rig()
    await rig.offer(0, 1)
    async with rig.running():
        await until(lambda: rig.pipeline.turns == 1, "no first commit")
        await rig.inbox.offer(record_set(1, 4, []))
        await until(lambda: rig.pipeline.turns == 2, "the lag would never show as nothing")
        await asyncio.sleep(0.04)
    assert rig.transactor.commits[1:] == [Commit([], IN, 4, "group")], "once, and not again"
    assert rig.pipeline.committed_position == 4


async def test_an_idle_pipeline_commits_nothing() -> None:
    rig = Rig()
    async with rig.running():
        await asyncio.sleep(0.05)
    assert rig.transactor.begun == 0


async def test_what_was_fetched_in_vain_is_told_once() -> None:
    rig = Rig()
    await rig.offer(0, 1)
    await rig.offer(0, 1)
    async with rig.running():
        await until(lambda: rig.pipeline.turns == 1, "no commit")
        await rig.offer(1, 2)
        await until(lambda: rig.pipeline.turns == 2, "no second commit")
    assert rig.observer.skipped == [1, 0]


async def test_work_without_records_is_done_in_transactions_of_its_own() -> None:
    rig = Rig(work_left=3)
    async with rig.running():
        await until(lambda: rig.pipeline.turns == 3, "the work is not done")
        await asyncio.sleep(0.03)
    assert [commit.values for commit in rig.transactor.commits] == [[b"work"]] * 3
    assert rig.observer.records == [0, 0, 0]


async def test_work_waits_while_records_come() -> None:
    rig = Rig(work_left=1, max_records=1)
    await rig.offer(0, 1)
    await rig.offer(1, 2)
    async with rig.running():
        await until(lambda: rig.pipeline.turns == 3, "not everything was done")
    applied = [line for line in rig.processor.log if line != "committed"]
    assert applied == ["apply [0]", "apply [1]", "work"], "records are never kept waiting by deadlines"


async def test_a_commit_that_fails_surfaces_and_nothing_is_taken_over() -> None:
    rig = Rig()
    rig.transactor.errors.append(KafkaConnectionError("away"))
    await rig.offer(0, 1)
    with pytest.raises(KafkaConnectionError):
        await asyncio.wait_for(rig.pipeline.run(), 1)
    assert (rig.processor.written, rig.pipeline.committed_position, rig.pipeline.turns) == ([], 0, 0)
    assert rig.observer.records == []


async def test_an_error_of_the_processor_surfaces_before_anything_is_written() -> None:
    rig = Rig()
    await rig.offer(0, 1)
    with (
        mock.patch.object(rig.processor, "apply", side_effect=ZeroDivisionError),
        pytest.raises(ZeroDivisionError),
    ):
        await asyncio.wait_for(rig.pipeline.run(), 1)
    assert rig.transactor.begun == 0


@pytest.mark.parametrize(
    ("records", "seconds", "room"),
    [
        (1_000 // GROWTH, 0.0, GROWTH * 1_000),
        (1_000 // GROWTH - 1, 0.0, 1_000),  # what so few took says little about many
        (1_000, APPLY_SECONDS, GROWTH * 1_000),  # as long as it may
        (1_000, 4 * APPLY_SECONDS, 250),
        (1, 10 * APPLY_SECONDS, 1),  # one record cannot be cut
    ],
)
def test_a_set_that_took_too_long_makes_the_next_one_smaller(records: int, seconds: float, room: int) -> None:
    assert next_room(1_000, records, seconds, 40_000) == room


def test_no_set_is_larger_than_a_transaction_may_be() -> None:
    assert next_room(30_000, 30_000, 0.5, 40_000) == 40_000


async def test_the_first_set_is_small_and_those_after_it_grow() -> None:
    rig = Rig(max_records=40_000)
    offered = (2 + GROWTH) * FIRST_RECORDS
    await rig.offer(0, offered, *range(offered))
    async with rig.running():
        await until(lambda: rig.pipeline.turns >= 3, "three sets are not applied")
    sizes = [len(offsets) for offsets, _ in rig.processor.applied]
    assert sizes == [FIRST_RECORDS, GROWTH * FIRST_RECORDS, FIRST_RECORDS]


async def test_slow_records_are_cut_into_sets_between_which_heartbeats_go_on() -> None:
    rig = Rig(max_records=40_000)
    await rig.offer(0, 2 * FIRST_RECORDS, *range(2 * FIRST_RECORDS))
    clock = count(0, 4 * APPLY_SECONDS)  # every look at it finds it so much later
    with mock.patch("agents.recordset.pipeline.perf_counter", side_effect=clock):
        async with rig.running():
            await until(lambda: rig.pipeline.turns >= 3, "three sets are not applied")
    sizes = [len(offsets) for offsets, _ in rig.processor.applied][:3]
    assert sizes == [FIRST_RECORDS, FIRST_RECORDS // 4, FIRST_RECORDS // 16]
