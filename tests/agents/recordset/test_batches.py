"""Whole batches: the records and the position that aiokafka comes to, record by record."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st

from agents.recordset.batches import records_of, take_whole_batches

T = TopicPartition("t", 0)
ABORT, COMMIT = b"\x00\x00\x00\x00", b"\x00\x00\x00\x01"
CONTROL = 0x20


def batch(first: int, count: int, *, producer: int = -1, control: bytes | None = None) -> bytes:
    """A record batch as the broker hands it over. ``producer``: -1 outside of transactions."""
    builder = DefaultRecordBatchBuilder(2, 0, int(producer >= 0), producer, 0, 0, 1 << 20)
    for number in range(count):
        builder.append(number, timestamp=1, key=control or b"k", value=b"%d" % (first + number), headers=[])
    built = bytearray(builder.build())
    built[:8] = first.to_bytes(8, "big")
    if control is not None:
        built[22] |= CONTROL
        built[17:21] = calc_crc32c(bytes(built[21:])).to_bytes(4, "big")
    return bytes(built)


def fetched(data: bytes, at: int, aborted: list[tuple[int, int]]) -> PartitionRecords:
    """What aiokafka makes of a fetch at position ``at``; ``aborted``: producer, first offset."""
    return PartitionRecords(T, MemoryRecords(data), aborted, at, None, None, True, READ_COMMITTED)


class Assignment:
    """One partition, assigned and at the position of what was fetched."""

    active = True
    paused = False

    def __init__(self, position: int) -> None:
        self.position = position

    def state_value(self, _tp: TopicPartition) -> Any:
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def read(data: bytes, at: int, aborted: list[tuple[int, int]], *, whole: bool) -> tuple[list[Any], int]:
    """The records as (offset, key, value, timestamp), and the position after them."""
    assignment = Assignment(at)
    result = FetchResult(T, assignment=assignment, partition_records=fetched(data, at, aborted), backoff=0)
    if whole:
        take_whole_batches(result)
        take_whole_batches(result)  # it is looked at again before it is taken
    found = result.getall()
    records = records_of(found) if whole else found
    return [(one.offset, one.key, one.value, one.timestamp) for one in records], assignment.position


@st.composite
def fetches(draw: st.DrawFn) -> tuple[bytes, int, list[tuple[int, int]]]:
    """What the broker answers: plain, committed and aborted batches and their markers, from the one in which the
    position lies; the position; and which producers aborted, from where."""
    data, end, aborted, first, at = b"", 0, [], {}, 0
    for _ in range(draw(st.integers(0, 6))):
        producer, count = draw(st.sampled_from([-1, 1, 2])), draw(st.integers(1, 4))
        if not data:
            at = draw(st.integers(end, end + count - 1))
        data += batch(end, count, producer=producer)
        first.setdefault(producer, end)
        end += count + draw(st.sampled_from([0, 0, 3]))  # what follows on it may have been compacted away
        if producer >= 0 and draw(st.booleans()):
            is_abort = draw(st.booleans())
            data += batch(end, 1, producer=producer, control=ABORT if is_abort else COMMIT)
            if is_abort:
                aborted.append((producer, first[producer]))
            del first[producer]
            end += 1
    return data, at, aborted


@given(fetches())
def test_whole_batches_come_to_the_records_and_the_position_that_aiokafka_comes_to(
    fetch: tuple[bytes, int, list[tuple[int, int]]],
) -> None:
    data, at, aborted = fetch
    assert read(data, at, aborted, whole=True) == read(data, at, list(aborted), whole=False)


def test_a_fetch_in_the_middle_of_a_batch_begins_there() -> None:
    found, position = read(batch(0, 5) + batch(5, 2), 3, [], whole=True)
    assert ([one[0] for one in found], position) == ([3, 4, 5, 6], 7)


def test_a_broken_batch_is_an_error_and_no_records() -> None:
    broken = bytearray(batch(0, 3))
    broken[-1] ^= 1
    with pytest.raises(CorruptRecordException):
        read(bytes(broken), 0, [], whole=True)


def test_an_error_that_was_fetched_is_left_alone() -> None:
    take_whole_batches(object())
