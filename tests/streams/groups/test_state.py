"""An entry of a group ↔ bytes."""

import pytest

from streams.groups.state import (
    ClosedSums,
    Head,
    Observation,
    PaydaySums,
    Waiting,
    Watermarks,
    decode,
    encode,
)
from streams.state.envelope import StateFormatError

GOLDEN = {
    b'\x01[3,300,{"0":1,"739650":2},[1,100,90,5,1,0,0,0,1,4,1,0]]': PaydaySums(
        3, 300, {0: 1, 739650: 2}, ClosedSums(1, 100, 90, 5, 1, 0, 0, 0, 1, 4, 1, 0)
    ),
    b"\x01[[739650,739651],5]": Waiting([739650, 739651], 5),
    b"\x01[[null,1772683200000000]]": Watermarks([None, 1_772_683_200_000_000]),
    b"\x01[739700,9,[[739650,9]],[739680],[739677],3,null]": Head(
        739700, 9, [Observation(739650, 9)], [739680], [739677], 3, None
    ),
}
"""Bytes of format 1: they must be read for as long as a table may hold them."""


@pytest.mark.parametrize(("value", "entry"), GOLDEN.items())
def test_format_1_is_read_and_written(value: bytes, entry: Head) -> None:
    assert encode(entry) == value
    assert decode(value, type(entry)) == entry


def test_a_sum_beyond_64_bits_is_kept() -> None:
    huge = PaydaySums(10**12, 10**30)
    assert decode(encode(huge), PaydaySums) == huge


@pytest.mark.parametrize("order", [(5, 3, 4), (3, 4, 5), (4, 5, 3)])
def test_the_same_sums_are_the_same_bytes(order: tuple[int, ...]) -> None:
    sums, same = PaydaySums(), PaydaySums()
    for previous in order:
        sums.add(PaydaySums(1, 10, {previous: 1}))
    for previous in sorted(order):
        same.add(PaydaySums(1, 10, {previous: 1}))
    assert encode(sums) == encode(same)


def test_what_was_taken_back_leaves_nothing() -> None:
    sums = PaydaySums(2, 20, {7: 2})
    sums.add(PaydaySums(-2, -20, {7: -2}))
    assert sums.is_nothing


def test_a_newer_format_is_not_guessed_at() -> None:
    with pytest.raises(StateFormatError, match="format 9, this version reads 1"):
        decode(b"\x09[]", Head)


def test_an_entry_that_outgrew_its_bound_stops_the_worker() -> None:
    with pytest.raises(AssertionError, match="an entry Waiting"):
        encode(Waiting(list(range(100_000))))
