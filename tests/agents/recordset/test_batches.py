"""Whole batches: the records and the position that aiokafka comes to, record by record."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st

from agents.recordset.batches import UnreadableBatchError, records_of, take_whole_batches
from agents.recordset.fetched import FetchedRecords

T = TopicPartition("t", 0)
ABORT, COMMIT = b"\x00\x00\x00\x00", b"\x00\x00\x00\x01"
CONTROL = 0x20
PLENTY = 1 << 30


CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


def batch(
    first: int, count: int, *, producer: int = -1, control: bytes | None = None, codec: str = "none"
) -> bytes:
    """A record batch as the broker hands it over. ``producer``: -1 outside of transactions."""
    builder = DefaultRecordBatchBuilder(2, CODECS[codec], int(producer >= 0), producer, 0, 0, 1 << 20)
    for number in range(count):
        builder.append(number, timestamp=1, key=control or b"k", value=b"%d" % (first + number), headers=[])
    built = bytearray(builder.build())
    built[:8] = first.to_bytes(8, "big")
    if control is not None:
        built[22] |= CONTROL
    return signed(built)


def signed(data: bytes | bytearray) -> bytes:
    """A batch with the CRC that belongs to it."""
    built = bytearray(data)
    built[17:21] = calc_crc32c(bytes(built[21:])).to_bytes(4, "big")
    return bytes(built)


def fetched(data: bytes, at: int, aborted: list[tuple[int, int]]) -> PartitionRecords:
    """What aiokafka makes of a fetch at position ``at``; ``aborted``: producer, first offset."""
    return PartitionRecords(T, FetchedRecords(data), aborted, at, None, None, True, READ_COMMITTED)


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
        take_whole_batches(result, PLENTY)
        take_whole_batches(result, PLENTY)  # it is looked at again before it is taken
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
        data += batch(end, count, producer=producer, codec=draw(st.sampled_from(list(CODECS))))
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


def taken(data: bytes, max_bytes: int = PLENTY) -> tuple[list[Any], int]:
    """The records of whole batches, and the position after them."""
    assignment = Assignment(0)
    result = FetchResult(T, assignment=assignment, partition_records=fetched(data, 0, []), backoff=0)
    take_whole_batches(result, max_bytes)
    return records_of(result.getall()), assignment.position


def test_a_batch_whose_crc_is_wrong_is_an_error_that_says_where_and_no_records() -> None:
    broken = bytearray(batch(7, 3))
    broken[-1] ^= 1
    with pytest.raises(UnreadableBatchError, match=r"^t-0, offsets 7 to 9: .*CRC.*restore its segment"):
        taken(batch(0, 7) + bytes(broken))


@pytest.mark.parametrize("codec", list(CODECS))
def test_a_batch_that_does_not_unpack_is_an_error_that_says_where(codec: str) -> None:
    broken = bytearray(batch(7, 3, codec=codec))
    del broken[-4:]
    broken[8:12] = (len(broken) - 12).to_bytes(4, "big")
    with pytest.raises(UnreadableBatchError, match=r"^t-0, offsets 7 to 9: .*restore its segment"):
        taken(batch(0, 7) + signed(broken))


def test_a_codec_that_nobody_knows_is_an_error_that_says_where() -> None:
    unknown = bytearray(batch(7, 3))
    unknown[22] |= 7
    with pytest.raises(UnreadableBatchError, match=r"^t-0, offsets 7 to 9: .*codec 0x07"):
        taken(batch(0, 7) + signed(unknown))


def test_a_codec_whose_library_is_missing_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = batch(0, 3, codec="zstd")
    monkeypatch.setattr("aiokafka.codec.cramjam", None)
    with pytest.raises(UnreadableBatchError, match=r"^t-0, offsets 0 to 2: .*zstd.*; install cramjam"):
        taken(data)


@pytest.mark.parametrize("codec", [codec for codec in CODECS if codec != "none"])
def test_of_compressed_batches_no_more_is_unpacked_than_there_is_room_for(codec: str) -> None:
    data = b"".join(batch(first, 10, codec=codec) for first in range(0, 50, 10))
    values, position = taken(data, max_bytes=60)
    assert ([one.offset for one in values], position) == (list(range(30)), 30), "the rest is fetched again"


def test_batches_that_are_not_compressed_are_bounded_by_the_broker_alone() -> None:
    data = b"".join(batch(first, 10) for first in range(0, 50, 10))
    assert taken(data, max_bytes=60)[1] == 50


def test_an_error_that_was_fetched_is_left_alone() -> None:
    take_whole_batches(object(), PLENTY)
