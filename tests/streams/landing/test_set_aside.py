"""Whatever is not ours is set aside with its reason; nothing in a record raises (O4)."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import DEAD_LETTERS, FACTS, INTERVENTIONS, JOURNAL
from streams.fast.rows import FIRST_INSTANT, LAST_INSTANT
from streams.landing.landed import KEPT_BYTES, SET_ASIDE, Incoming
from streams.landing.rows import COLUMNS, rows_of
from tests.streams.landing.landed_words import CURVE, CYCLE, OUTFLOW, TASK, changed, named, published, without

DEEP = b"[" * 60_000


@pytest.mark.parametrize(
    ("topic", "value", "reason", "detail"),
    [
        (FACTS, None, "null_value", "no value"),
        (INTERVENTIONS, None, "null_value", "no value"),
        (FACTS, b"", "malformed", "not JSON"),
        (FACTS, b'{"fact":"\xff"}', "malformed", "not JSON"),
        (FACTS, b"[]", "invalid", "Expected `object`"),
        (FACTS, b"{}", "invalid", "missing required field `fact`"),
        (FACTS, DEEP, "invalid", "Expected `object`"),
        (FACTS, b'{"a":' + DEEP, "malformed", "RecursionError"),
        (FACTS, changed(CYCLE, fact="reward"), "unknown_kind", "fact reward: run a landing"),
        (FACTS, changed(CYCLE, fact="a b" * 90), "unknown_kind", "fact of no name"),
        (FACTS, without(CYCLE, "pay"), "invalid", "missing required field `pay`"),
        (FACTS, changed(CYCLE, pay="secret"), "invalid", "Expected `int`, got `str` - at `$.pay`"),
        (FACTS, changed(CYCLE, flags="secret"), "invalid", "$.flags"),
        (FACTS, changed(CYCLE, truncated="secret"), "invalid", "$.truncated"),
        (FACTS, changed(CYCLE, closed_at="secret"), "invalid", "closed_at: not an RFC 3339 instant"),
        (FACTS, changed(CYCLE, cycle_payday="secret"), "invalid", "$.cycle_payday"),
        (FACTS, changed(CYCLE, cycle_payday="2300-01-01"), "out_of_range", "cycle_payday: years 1900 to 2299"),
        (FACTS, changed(CYCLE, cycle_payday="1899-12-31"), "out_of_range", "cycle_payday: years 1900 to 2299"),
        (FACTS, changed(CYCLE, closed_at="2300-01-01T00:00:00Z"), "out_of_range", "closed_at: years 1900"),
        (INTERVENTIONS, changed(TASK, reasons=[{"secret": 1}]), "invalid", "missing required field `rule`"),
        (INTERVENTIONS, b"{", "malformed", "not JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_landed_is_set_aside_with_its_reason(
    topic: str, value: bytes | None, reason: str, detail: str
) -> None:
    [row] = rows_of(topic, Incoming(value, partition=5, offset=6, timestamp=7))
    assert row.table == SET_ASIDE, row
    values = named(row)
    assert detail in str(values.pop("detail"))
    assert values == {
        **{"topic": topic, "partition": 5, "offset": 6, "reason": reason, "recorded_at": 7_000},
        **{"value": value, "size": len(value or b"")},
    }
    assert "secret" not in str(row.values[4]), "a detail names the field, never its value"


HEADERS = (
    *(("topic", JOURNAL.encode()), ("partition", b"3"), ("offset", b"99")),
    *(("reason", b"malformed"), ("detail", b"not JSON")),
)


@pytest.mark.parametrize("bad", [None, b"\xff"])
@pytest.mark.parametrize("name", [name for name, _ in HEADERS])
def test_a_dead_letter_with_a_header_that_is_null_missing_or_no_text_is_set_aside(
    name: str, bad: bytes | None
) -> None:
    spoilt = tuple((one, bad if one == name else value) for one, value in HEADERS)
    missing = tuple(header for header in HEADERS if header[0] != name)
    for headers in (spoilt, missing, ()):
        [row] = rows_of(DEAD_LETTERS, Incoming(b"bytes", 1, 42, 0, headers))
        assert (row.table, row.values[3]) == (SET_ASIDE, "headers")


@given(st.sampled_from([FACTS, INTERVENTIONS, DEAD_LETTERS]), st.data())
def test_nothing_in_a_record_raises(topic: str, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from([CYCLE, CURVE, OUTFLOW, TASK]))
    scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    anything = scalar | st.lists(scalar) | st.dictionaries(st.text(), scalar)
    spoilt = st.builds(
        lambda name, value: changed(word, **{name: value}),
        st.sampled_from(sorted(msgspec.json.decode(word.model_dump_json()))),
        anything,
    )
    headers = st.lists(
        st.tuples(st.sampled_from([name for name, _ in HEADERS]), st.none() | st.binary()), max_size=8
    ).map(tuple)
    record = Incoming(
        data.draw(st.none() | st.binary() | spoilt),
        *(data.draw(st.integers(0, 2**31 - 1)), data.draw(st.integers(0, 2**63 - 1))),
        data.draw(st.integers(-(2**63), 2**63 - 1)),
        data.draw(headers),
    )
    for row in rows_of(topic, record):
        assert len(row.values) == len(COLUMNS[row.table])


def test_what_is_kept_aside_of_a_value_is_bounded() -> None:
    [row] = rows_of(FACTS, Incoming(b"x" * (KEPT_BYTES + 1), 0, 0, 0))
    assert (len(str(named(row)["value"])) - len("b''"), named(row)["size"]) == (KEPT_BYTES, KEPT_BYTES + 1)


@pytest.mark.parametrize(("timestamp", "at"), [(2**63 - 1, LAST_INSTANT), (-(2**63), FIRST_INSTANT)])
def test_a_timestamp_that_no_column_holds_is_the_nearest_that_it_does(timestamp: int, at: int) -> None:
    [aside] = rows_of(FACTS, Incoming(None, 0, 0, timestamp))
    [dead] = rows_of(DEAD_LETTERS, Incoming(None, 0, 0, timestamp, HEADERS))
    assert named(aside)["recorded_at"] == named(dead)["recorded_at"] == at


def test_a_newer_release_may_add_fields_and_an_older_one_lack_nullable_ones() -> None:
    [row] = rows_of(FACTS, Incoming(changed(CYCLE, new=1), 1, 42, 0))
    assert row == rows_of(FACTS, published(CYCLE))[0]
    [row] = rows_of(INTERVENTIONS, Incoming(without(TASK, "offer"), 1, 42, 0))
    assert row == rows_of(INTERVENTIONS, published(TASK))[0]
    [row] = rows_of(INTERVENTIONS, Incoming(without(TASK, "subject"), 1, 42, 0))
    assert named(row)["subject"] == "a", "a task of an older release is about its account"
    reasons = [{"rule": "new_rule", "evidence": [1, 2]}]
    [row] = rows_of(INTERVENTIONS, Incoming(changed(TASK, reasons=reasons), 1, 42, 0))
    assert named(row)["rules"] == ["new_rule"]
    assert msgspec.json.decode(str(named(row)["reasons"])) == reasons, "kept whole, known or not"


def test_sums_beyond_64_bits_stay_what_they_are() -> None:
    [row] = rows_of(FACTS, Incoming(changed(CYCLE, pay=2**70, spent=-(2**70)), 1, 42, 0))
    assert (named(row)["pay"], named(row)["spent"]) == (2**70, -(2**70))
