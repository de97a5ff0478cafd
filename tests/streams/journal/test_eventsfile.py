"""Events files: an exported journal replays identically, whatever bytes are in it (O6, X3)."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schemas.dead import Reason, Rejection
from schemas.decode import check_key, decode, type_header
from schemas.events import EventType, Tick
from schemas.topics import JOURNAL, MAX_VALUE_BYTES, TYPE_TOPICS
from streams.journal.eventsfile import Line, format_line, parse_line, type_of_topic
from tests.reference.lines import at, tick
from tests.streams.builders import LARGE, record
from tests.streams.journal.test_partition_fuzz import EVIL, json_values, mutated

TICK = json.dumps(tick(at(0))["value"]).encode()
UNTYPED_TICK = b'{"instant":"2026-01-05T12:00:00+08:00"}'


def understood(line: Line) -> Any:
    """What the detector makes of a record."""
    event = decode(line.value, type_header(line))
    if isinstance(event, Rejection):
        return event.reason
    return check_key(line.key, event) or event


def again(line: Line) -> Line:
    """Exported and read back."""
    text = format_line(line)
    assert b"\n" not in text, "a record takes more than one line of the file"
    parsed = parse_line(text)
    assert isinstance(parsed, Line), f"an exported line does not parse: {text[:200]!r}"
    return parsed


keys = st.none() | st.sampled_from([b"a", b"", b"\xff", "é".encode(), b"b"]) | st.binary(max_size=8)
type_names = st.sampled_from([*(kind.encode() for kind in EventType), b"", b"\xff", b"unknown", b'"'])
headers = st.lists(
    st.tuples(st.sampled_from(["type", "ce_type", "Type"]), type_names | st.binary(max_size=4)), max_size=2
)
spaces = st.text("\t\r\n ", max_size=3).map(str.encode)
typed = st.builds(
    lambda kind, rest, first, last: first + json.dumps(rest | {"type": kind}).encode() + last,
    st.sampled_from([*EventType, "other", None, 7]),
    st.sampled_from([tick(at(0))["value"], *(line["value"] for line in LARGE), {}]),
    spaces,
    spaces,
)
untyped = st.builds(lambda first, last: first + UNTYPED_TICK + last, spaces, spaces)
values = st.one_of(
    st.none(),
    st.binary(max_size=30),
    json_values.map(lambda value: json.dumps(value).encode()),
    json_values.map(
        lambda value: json.dumps(value, ensure_ascii=False, indent=1).encode(errors="surrogatepass")
    ),
    mutated(),
    typed,
    untyped,
)
lines = st.builds(
    Line,
    st.just(JOURNAL),
    keys,
    values,
    headers,
    st.none() | st.integers(0, 2**62),
    st.none() | st.integers(0, 99),
    st.none() | st.integers(1, 99),
    st.none() | st.integers(0, 2**62),
)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines)
@example(Line(JOURNAL, b"a", b"null"))
@example(Line(JOURNAL, b"a", b"", (("type", b"tick"),)))
@example(Line(JOURNAL, None, b'{"type":"t\\u0069ck","instant":"2026-01-05T00:00:00Z"}', (("type", b"tick"),)))
@example(
    Line(
        JOURNAL,
        None,
        b'{"type":"tick","type":"transfer","instant":"2026-01-05T00:00:00Z"}',
        (("type", b"tick"),),
    )
)
@example(Line(JOURNAL, None, b"\n{ \r\n}\n", (("type", b"tick"),)))
@example(Line(JOURNAL, None, b'{"a":"x\ny"}'))
def test_an_exported_record_is_understood_alike(line: Line) -> None:
    read = again(line)
    assert understood(read) == understood(line)
    assert read.key == line.key
    assert (read.topic, read.timestamp, read.offset) == (line.topic, line.timestamp, line.offset)
    assert (read.partition, read.partitions) == (line.partition, line.partitions)
    assert (read.value is None) == (line.value is None)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines)
def test_what_was_exported_once_is_exported_the_same_again(line: Line) -> None:
    once = format_line(again(line))
    assert format_line(again(again(line))) == once


@pytest.mark.parametrize("value", [UNTYPED_TICK, b" " + UNTYPED_TICK, b"\r\n" + UNTYPED_TICK + b"\n"])
def test_the_type_header_is_written_into_the_value(value: bytes) -> None:
    text = format_line(Line(JOURNAL, None, value, (("type", b"tick"),)))
    assert json.loads(text)["value"]["type"] == "tick"
    assert "raw" not in json.loads(text), "an ordinary event is not readable in the file"


def test_the_type_goes_into_an_empty_object_too() -> None:
    text = format_line(Line(JOURNAL, None, b"{ }", (("type", b"tick"),)))
    assert json.loads(text)["value"] == {"type": "tick"}


def test_an_ordinary_value_stays_as_it_is() -> None:
    value = json.dumps(LARGE[0]["value"] | {"unknown": {"é": [1.0, 1e5]}}).encode()
    assert again(Line(JOURNAL, b"a", value)).value == value


@pytest.mark.parametrize(
    ("value", "header"),
    [
        (b"{", None),
        (b"\xff", None),
        (b"", None),
        (b"null", None),
        (b"[1]", None),
        (b'{"a":NaN}', None),
        (b"\xef\xbb\xbf{}", None),
        (b'{"type":"tick"}', b"transfer"),
        (UNTYPED_TICK, b"unknown"),
        (UNTYPED_TICK, b"\xff"),
    ],
)
def test_what_is_no_object_of_its_own_type_is_kept_as_bytes(value: bytes, header: bytes | None) -> None:
    line = Line(JOURNAL, b"a", value, (("type", header),) if header is not None else ())
    assert "raw" in json.loads(format_line(line))
    assert again(line).value == value
    assert understood(again(line)) == understood(line)


def test_a_key_that_is_no_text_is_kept_as_bytes() -> None:
    assert again(Line(JOURNAL, b"\xff\x00", TICK)).key == b"\xff\x00"
    assert again(Line(JOURNAL, b"", TICK)).key == b""
    assert again(Line(JOURNAL, None, TICK)).key is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"key":"a","value":{}}',
        b'{"topic":7}',
        b'{"topic":"t","key":7}',
        pytest.param(
            b'{"topic":"t","raw":"aGFs?"}',
        ),
        b'{"topic":"t","raw":"\xc3\xa9"}',
        b'{"topic":"t","raw_key":"a"}',
        b'{"topic":"t","partition":"0"}',
        b'{"topic":"t","timestamp":1.5}',
        b'{"topic":"t","value":{}} x',
        b'{"topic":"t","value":{"a":"x\ny"}}',
        b'{"topic":"t","type":"\\ud800","value":{}}',
        b"\xff",
    ],
)
def test_a_line_that_is_none_is_malformed_and_not_the_end_of_the_file(text: bytes) -> None:
    assert parse_line(text) == Rejection(Reason.MALFORMED, "not an events file line")


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=60)
    | st.builds(lambda value: json.dumps({"topic": "t", "value": value}).encode(), json_values)
)
def test_whatever_stands_in_a_line_nothing_breaks(text: bytes) -> None:
    parsed = parse_line(text)
    assert isinstance(parsed, Line | Rejection)
    if isinstance(parsed, Line):
        understood(parsed)


@pytest.mark.parametrize("text", [b'{"topic":"t"}', b'{"topic":"t","value":null}'])
def test_no_value_is_a_null_value(text: bytes) -> None:
    line = parse_line(text)
    assert isinstance(line, Line)
    assert understood(line) == Reason.NULL_VALUE


def test_a_null_value_stays_one() -> None:
    assert understood(again(Line(JOURNAL, b"a", None, (("type", b"tick"),)))) == Reason.NULL_VALUE


def test_a_topic_names_its_type() -> None:
    assert type_of_topic(JOURNAL) is None
    assert {topic: type_of_topic(topic) for topic in TYPE_TOPICS} == {
        "payday.payroll-credits.v1": b"payroll_credit",
        "payday.transfers.v1": b"transfer",
        "payday.customer-profiles.v1": b"profile",
        "payday.task-events.v1": b"task_event",
    }
    assert type_of_topic("payday.facts.v1") == Rejection(Reason.UNKNOWN_TYPE, "topic")


def test_the_evil_values_are_really_tried() -> None:
    assert any(isinstance(value, str) and len(value) > 64 for value in EVIL)
    assert isinstance(understood(record(tick(at(0)))), Tick)


DEEP = b"[" * 30_000 + b"]" * 30_000
TOO_DEEP = "msgspec raises RecursionError, which is no DecodeError: "


def test_a_line_nested_too_deeply_is_malformed() -> None:
    parsed = parse_line(b'{"topic":"payday.journal.v1","key":"a","value":' + DEEP + b"}")
    assert isinstance(parsed, Rejection)


def test_a_value_nested_too_deeply_is_exported() -> None:
    line = Line(JOURNAL, b"a", b'{"a":' + DEEP + b"}")
    assert understood(line) == Reason.MALFORMED
    assert understood(again(line)) == Reason.MALFORMED


def padded(size: int, *, inside: bool) -> bytes:
    rest = size - len(UNTYPED_TICK)
    if inside:
        return UNTYPED_TICK[:-1] + b',"x":"' + b"y" * (rest - 7) + b'"}'
    return b" " * rest + UNTYPED_TICK


def test_a_value_of_just_64_kib_with_a_type_header_is_not_too_large_in_the_file() -> None:
    line = Line(JOURNAL, None, padded(MAX_VALUE_BYTES, inside=True), (("type", b"tick"),))
    assert len(line.value or b"") == MAX_VALUE_BYTES
    assert isinstance(understood(line), Tick)
    assert understood(again(line)) == understood(line)


@pytest.mark.parametrize("header", [(), (("type", b"tick"),)])
def test_a_value_too_large_by_its_white_space_is_too_large_in_the_file(header: Any) -> None:
    line = Line(JOURNAL, None, padded(MAX_VALUE_BYTES + 1, inside=False), header or ())
    if not header:
        line.value = (line.value or b"").replace(b"{", b'{"type":"tick",')
    assert understood(line) == Reason.TOO_LARGE
    assert understood(again(line)) == Reason.TOO_LARGE
