"""What a group has committed, from a coordinator that may not know yet."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CoordinatorLoadInProgressError
from aiokafka.structs import OffsetAndMetadata

from agents.log import offsets
from agents.log.records import TP

ONE, TWO = TP("t", 0), TP("t", 1)
KNOWN = {TopicPartition(*ONE): OffsetAndMetadata(7, ""), TopicPartition(*TWO): OffsetAndMetadata(-1, "")}


class Coordinator:
    """An admin client whose coordinator answers these, one after the other, the last one for ever."""

    def __init__(self, *answers: dict[TopicPartition, OffsetAndMetadata]) -> None:
        self.answers = list(answers)

    async def list_consumer_group_offsets(self, group: str, partitions: Any) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offsets, "COORDINATOR_WAIT_SECONDS", 0)


async def _committed(*answers: dict[TopicPartition, OffsetAndMetadata]) -> dict[TP, int]:
    client: Any = Coordinator(*answers)
    return await offsets.committed(client, "g", [ONE, TWO])


async def test_a_partition_never_committed_is_left_out() -> None:
    assert await _committed(KNOWN) == {ONE: 7}


async def test_a_coordinator_that_names_no_partition_is_asked_again() -> None:
    """Found by killing the broker: the router began at the log's beginning, and routed everything twice."""
    assert await _committed({}, {}, KNOWN) == {ONE: 7}


async def test_one_that_never_answers_is_an_error_and_not_an_empty_group() -> None:
    with pytest.raises(CoordinatorLoadInProgressError):
        await _committed({})
