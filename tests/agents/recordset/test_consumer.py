"""Cutting: record sets between two readings of the fetch position."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from agents.log.records import RecordSet
from agents.recordset.batches import Unpacked
from agents.recordset.consumer import RecordSetConsumer, RecordSetConsumerThread, _Forgetful
from tests.agents.recordset.builders import Record


class State:
    """A partition as aiokafka keeps it; None: a reset or a seek is on its way."""

    def __init__(self, position: int | None) -> None:
        self._position = position

    @property
    def has_valid_position(self) -> bool:
        return self._position is not None

    @property
    def position(self) -> int:
        assert self._position is not None, "aiokafka asserts this, too"
        return self._position

    def move(self, position: int | None) -> None:
        self._position = position


class FakeConsumer:
    """As much of an aiokafka consumer as cutting needs. ``fetched``: partition → records and next position."""

    def __init__(
        self, positions: Mapping[int, int | None], fetched: Mapping[int, tuple[list[int], int | None]]
    ) -> None:
        self.states = {TopicPartition("t", number): State(at) for number, at in positions.items()}
        self.fetched = {TopicPartition("t", number): what for number, what in fetched.items()}
        self.asked: list[set[TopicPartition]] = []
        assignment = SimpleNamespace(tps=set(self.states), state_value=self.states.get)
        self._subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))
        self._fetcher = self
        self._records: dict[TopicPartition, Any] = {}

    async def fetched_records(
        self, partitions: set[TopicPartition], timeout: float, max_records: int | None
    ) -> dict[TopicPartition, list[Unpacked]]:
        assert (timeout, max_records) == (0, None), "another timeout would yield between the two readings"
        self.asked.append(set(partitions))
        found = {}
        for tp, (offsets, position) in self.fetched.items():
            if not partitions or tp in partitions:  # aiokafka: no partitions means all
                self.states[tp].move(position)
                if offsets:
                    found[tp] = [Unpacked([Record(offset) for offset in offsets])]
        return found


async def cut(consumer: FakeConsumer, *wanted: int) -> dict[int, tuple[int, int, list[int]]]:
    """What is cut: partition → start, end, offsets."""
    thread: Any = object.__new__(RecordSetConsumerThread)
    sets: Mapping[Any, list[RecordSet]] = await thread._cut(
        consumer, {TopicPartition("t", one) for one in wanted}
    )
    assert all(len(of_partition) == 1 for of_partition in sets.values()), "one set a partition and fetch"
    return {
        tp.partition: (one.start, one.end, [record.offset for record in one.records])  # type: ignore[attr-defined]
        for tp, [one] in sets.items()
    }


async def test_a_partition_and_fetch_is_one_set_between_two_positions() -> None:
    consumer = FakeConsumer({0: 5, 1: 0}, {0: ([5, 6, 8], 10), 1: ([0], 1)})
    assert await cut(consumer, 0, 1) == {0: (5, 10, [5, 6, 8]), 1: (0, 1, [0])}


async def test_control_records_alone_are_an_empty_set() -> None:
    assert await cut(FakeConsumer({0: 5}, {0: ([], 6)}), 0) == {0: (5, 6, [])}


async def test_a_position_that_has_not_moved_is_no_set() -> None:
    assert await cut(FakeConsumer({0: 5, 1: 2}, {1: ([2], 3)}), 0, 1) == {1: (2, 3, [2])}


async def test_only_what_is_wanted_assigned_and_has_a_position_is_asked_for() -> None:
    consumer = FakeConsumer({0: 5, 1: None, 2: 0}, {0: ([5], 6), 2: ([0], 1)})
    assert await cut(consumer, 0, 1, 7) == {0: (5, 6, [5])}
    assert consumer.asked == [{TopicPartition("t", 0)}]


async def test_a_position_lost_meanwhile_makes_no_set() -> None:
    assert await cut(FakeConsumer({0: 5}, {0: ([], None)}), 0) == {}


async def test_records_outside_the_positions_are_an_error_and_not_a_set() -> None:
    with pytest.raises(AssertionError, match="records outside the positions"):
        await cut(FakeConsumer({0: 5}, {0: ([4, 5], 6)}), 0)


async def test_a_partition_that_is_not_wanted_keeps_its_records_when_no_wanted_one_has_a_position() -> None:
    consumer = FakeConsumer({0: None, 1: 40}, {1: ([40, 41], 42)})
    assert await cut(consumer, 0) == {}
    assert consumer.states[TopicPartition("t", 1)].position == 40, "its records were taken and thrown away"


def test_faust_forgets_what_it_has_read_so_that_what_is_fetched_again_passes() -> None:
    memory = _Forgetful()
    memory["tp"] = 5
    memory.update({"tp": 7})
    assert memory["tp"] is None
    assert memory.pop("tp", None) is None


async def test_a_partition_without_an_offset_yet_is_sought_from_its_beginning() -> None:
    sought: dict[Any, int] = {}

    async def seek_wait(partitions: Mapping[Any, int]) -> None:
        sought.update(partitions)

    consumer: Any = object.__new__(RecordSetConsumer)
    consumer._thread = SimpleNamespace(seek_wait=seek_wait)
    await consumer.seek_wait({TopicPartition("t", 0): None, TopicPartition("t", 1): 7})
    assert sought == {TopicPartition("t", 0): 0, TopicPartition("t", 1): 7}, "aiokafka refuses None"
