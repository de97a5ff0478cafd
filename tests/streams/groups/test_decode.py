"""The coordinator's fast reading of the groups log and pydantic's: the same acceptance, meaning and reasons."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dead import Rejection
from schemas.groups import decode_group
from streams.fast.groups import FastClosed, FastPaid, FastWatermark
from streams.groups.decode import read_group_record
from tests.schemas.test_groups import TOLD, example

FAST = {"paid": FastPaid, "closed": FastClosed, "watermark": FastWatermark}
ABSENT = object()
VALUES = st.one_of(
    st.sampled_from([ABSENT, None, 0, 1, -1, 1.0, 499, 500, 501, 10_001, 10**9 + 1, 10**18, 10**18 + 1, 10**40]),
    st.sampled_from([True, False, "", "e", "é", "x" * 64, "x" * 65, "paid", "closed", "loyal", "other"]),
    st.sampled_from(["2026-01-05", "2026-1-5", "20260105", "2026-02-30", "0000-01-01", "9999-12-31", " 2026-01-05"]),
    st.sampled_from(["2026-01-05T10:00:00", "2026-01-05 10:00:00Z", "2026-01-05T00:00:00Z", "1899-01-01T00:00:00Z"]),
    st.sampled_from([[], {}, {"payday": "2026-01-05", "amount": 1}, {"payday": "2026-01-05"}, {"amount": 0}]),
    st.text(max_size=5),
    st.integers(),
)  # fmt: skip


def meaning(read: Any) -> Any:
    if isinstance(read, Rejection):
        return read
    found = {name: getattr(read, name) for name in FAST[read.type].__struct_fields__}
    for name in ("was", "became"):
        on = found.get(name)
        found[name] = None if on is None else (on.payday, on.amount)
    return read.type, found


def assert_alike(value: bytes) -> None:
    assert meaning(read_group_record(value)) == meaning(decode_group(value)), f"{value!r} is read in two ways"


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(TOLD), st.data(), st.booleans())
def test_changed_fields_are_read_alike(word: str, data: st.DataObject, ascii_only: bool) -> None:
    base = example(word)
    changes = data.draw(st.dictionaries(st.sampled_from([*base, "more"]), VALUES, max_size=3))
    value = {name: field for name, field in {**base, **changes}.items() if field is not ABSENT}
    try:
        assert_alike(json.dumps(value, ensure_ascii=ascii_only).encode())
    except UnicodeEncodeError:
        assert_alike(json.dumps(value).encode())


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TOLD), st.data())
def test_changed_bytes_are_read_alike(word: str, data: st.DataObject) -> None:
    text = json.dumps(example(word)).encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 8)))
    assert_alike(text[:start] + data.draw(st.binary(max_size=6)) + text[end:])


def test_a_hidden_character_in_an_id_is_refused_by_both() -> None:
    for hidden in ("\x1f", "\x7f", "\u200b", "\n"):
        for ascii_only in (True, False):
            value = json.dumps(
                {**example("paid"), "employer_id": f"e{hidden}"}, ensure_ascii=ascii_only
            ).encode()
            assert_alike(value)
            assert isinstance(read_group_record(value), Rejection), f"{hidden!r} is taken"


PAID = json.dumps(example("paid")).encode()


@pytest.mark.parametrize(
    "text",
    [
        PAID[:-1] + b',"type":"closed"}',
        PAID[:-1] + b',"count":7}',
        PAID[:-1] + b',"x":"\xff"}',
        PAID[:-1] + b',"x":"\\ud800"}',
        PAID[:-1] + b',"x":NaN}',
        PAID[:-1] + b',"x":1e999}',
        PAID[:-1] + b',"x":' + b"[" * 190 + b"]" * 190 + b"}",
        PAID[:-1] + b',"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"inner":{"type":"paid"},' + PAID[1:],
        b" " + PAID + b"\n",
        PAID + b"x",
        b"\xef\xbb\xbf" + PAID,
        b"",
    ],
)
def test_what_the_two_libraries_see_differently_is_read_alike(text: bytes) -> None:
    assert_alike(text)


@pytest.mark.parametrize("word", TOLD)
def test_what_we_write_ourselves_takes_the_fast_way(word: str) -> None:
    assert type(read_group_record(json.dumps(example(word)).encode())) is FAST[word]
