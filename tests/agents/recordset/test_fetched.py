"""What a fetch brought: names of headers as Java reads them, all else as aiokafka does."""

from typing import Any

import pytest
from aiokafka import codec as codecs
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from agents.recordset.fetched import FetchedRecords
from tests.agents.recordset.test_batches import signed

Header = tuple[str, bytes | None]
CODECS = range(5)
HEAD = 61
"""Bytes of a batch before its records."""

nullable = st.none() | st.binary(max_size=40)
instants = st.sampled_from([-1, 0, 1_700_000_000, -(2**63), 2**63 - 1]) | st.integers(-(2**40), 2**42)
written = st.tuples(
    nullable, nullable, instants, st.lists(st.tuples(st.text(max_size=5), nullable), max_size=4)
)


def batch(codec: int, records: list[tuple[Any, Any, int, list[Header]]]) -> bytes:
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, 0, 0, 1 << 20)
    for offset, (key, value, timestamp, headers) in enumerate(records):
        builder.append(offset, timestamp=timestamp, key=key, value=value, headers=headers)
    return bytes(builder.build())


def read(records: Any) -> list[tuple[Any, ...]]:
    """Every record, from all batches."""
    found = []
    while records.has_next():
        one = records.next_batch()
        assert one.validate_crc()
        found += [(got.offset, got.key, got.value, got.timestamp, list(got.headers)) for got in one]
    return found


@given(st.lists(st.tuples(st.sampled_from(CODECS), st.lists(written, min_size=1, max_size=4)), max_size=3))
def test_whatever_a_producer_wrote_is_read_as_it_was_written(
    batches: list[tuple[int, list[Any]]],
) -> None:
    data = b"".join(batch(codec, records) for codec, records in batches)
    found = read(FetchedRecords(data))
    assert found == read(MemoryRecords(data))
    # Not the timestamps: aiokafka's builder, which stands in for the producer, takes −1 for "none yet".
    assert [(offset, key, value, headers) for offset, key, value, _, headers in found] == [
        (offset, key, value, headers)
        for _, records in batches
        for offset, (key, value, _, headers) in enumerate(records)
    ]


@pytest.mark.parametrize("codec", CODECS)
def test_the_name_of_a_header_that_is_not_utf_8_is_read_as_java_reads_it(codec: int) -> None:
    record = (b"k", b"v", 5, [("n\u00ff", b"\xff"), ("type", None)])
    good, bad = batch(codec, [record]), with_bad_name(codec, record)
    found = read(FetchedRecords(good + bad + good))
    assert [one[4][0] for one in found] == [
        ("n\u00ff", b"\xff"),
        ("n\ufffd\ufffd", b"\xff"),
        ("n\u00ff", b"\xff"),
    ]
    assert [one[:4] for one in found] == [(0, b"k", b"v", 5)] * 3, "the rest of the record is as it was"


def with_bad_name(codec: int, record: tuple[Any, Any, int, list[Header]]) -> bytes:
    """The record's batch, in which the name n\u00ff is two bytes that are not UTF-8."""
    plain = batch(0, [record]).replace("n\u00ff".encode(), b"n\xff\xff")
    packed = {
        0: bytes,
        1: codecs.gzip_encode,
        2: codecs.snappy_encode,
        3: codecs.lz4_encode,
        4: codecs.zstd_encode,
    }
    made = bytearray(plain[:HEAD] + packed[codec](plain[HEAD:]))
    made[8:12] = (len(made) - 12).to_bytes(4, "big")
    made[22] |= codec
    return signed(made)
