"""A partition's row survives being stored, and rows of every format are read."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.dead import Reason
from streams.journal.books import Books, PartitionRow
from streams.journal.row import PARTS, decode_row, encode_row
from streams.journal.watermarks import WatermarkWriter
from streams.state.envelope import StateFormatError, framed
from tests.streams.builders import thorough

count = st.integers(0, 2**62)
clocks = st.integers(-(2**62), 2**62)
AT = 1_767_600_000_000_000
ROWS = [
    (PartitionRow(), "950100c0a09400000080", "020101000301a004059400000080"),
    (
        PartitionRow(7, AT, "t-1", Books(9, 5, 1, {"invalid": 2, "too_late": 1})),
        "950107cf0006479f721ae000a3742d319409050182a7696e76616c696402a8746f6f5f6c61746501",
        "020101070209cf0006479f721ae0000304a3742d3104189409050182a7696e76616c696402a8746f6f5f6c61746501",
    ),
    (
        PartitionRow(2**40, -1, "Zm9vYmFy", Books(2**40, 2**40)),
        "9501cf0000010000000000ffa85a6d3976596d467994cf0000010000000000cf00000100000000000080",
        "020109cf00000100000000000201ff0309a85a6d3976596d4679041594cf0000010000000000cf00000100000000000080",
    ),
]
"""A row; its bytes in format 1, as the code wrote them that did; its bytes in format 2."""
WATERMARKS = [
    (WatermarkWriter(AT, 3, 1), "050c93cf0006479f721ae0000301"),
    (WatermarkWriter(None, 2**40, 0), "050c93c0cf000001000000000000"),
]
"""What is kept of the watermarks; the bytes of part 5, which stands last."""


@thorough
@given(
    st.builds(
        PartitionRow,
        position=count,
        clock=st.none() | clocks,
        topic_id=st.text(st.characters(codec="utf-8"), max_size=24),
        books=st.builds(
            Books,
            read=count,
            applied=count,
            duplicate=count,
            dead=st.dictionaries(st.sampled_from(list(Reason)), count),
        ),
        watermark=st.none() | st.builds(WatermarkWriter, st.none() | clocks, count, count),
    )
)
def test_a_row_that_is_stored_is_the_row_that_is_read(row: PartitionRow) -> None:
    assert decode_row(encode_row(row)) == row


@pytest.mark.parametrize(("row", "old", "new"), ROWS)
def test_stored_rows_of_every_format_mean_what_they_meant(row: PartitionRow, old: str, new: str) -> None:
    assert decode_row(bytes.fromhex(old)) == row
    assert decode_row(bytes.fromhex(new)) == row
    assert encode_row(row).hex() == new, "the bytes of format 2 have changed"


@pytest.mark.parametrize(("watermark", "part"), WATERMARKS)
def test_a_watermark_is_stored_as_it_always_was(watermark: WatermarkWriter, part: str) -> None:
    row, _, without = ROWS[1]
    told = replace(row, watermark=watermark)
    assert decode_row(bytes.fromhex(without + part)) == told
    assert encode_row(told).hex() == without + part, "the bytes of part 5 have changed"


def test_every_field_of_a_row_is_stored() -> None:
    assert set(PARTS.values()) == {field.name for field in msgspec.structs.fields(PartitionRow)}


@pytest.mark.parametrize("start", ["", "00", "03", "9502", "9601"])
def test_a_row_of_another_format_is_refused_with_what_to_do(start: str) -> None:
    value = bytes.fromhex(start) + encode_row(PartitionRow())[1:] if start else b""
    with pytest.raises(StateFormatError, match="run the version that wrote it"):
        decode_row(value)


def test_a_part_that_a_newer_version_wrote_is_refused_with_what_to_do() -> None:
    with pytest.raises(StateFormatError, match=r"a part 9.*run the version that wrote it"):
        decode_row(encode_row(PartitionRow()) + framed(9, b"x"))
