"""A record in, its rows out: complete, deterministic, and whatever is not ours set aside."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import AccountCycle, Curve, CurvePoint, Fact, HotAccount, Leaving, Outflow, PlaybookRef
from schemas.instant import parse_instant
from schemas.tasks import Habitual, Task, TaskReason
from schemas.topics import DEAD_LETTERS, FACTS, INTERVENTIONS, JOURNAL
from streams.landing.landed import FIRST_INSTANT, KEPT_BYTES, LAST_INSTANT, SET_ASIDE, Incoming, LandedRow
from streams.landing.rows import COLUMNS, rows_of

AT = parse_instant("2026-01-12T16:00:00.000001Z")
PLAYBOOK = PlaybookRef(name="default", version=3)
HABIT = Habitual(amount=400, day=1, hour=9)
REASON = TaskReason(rule="single_large", observed=500, threshold=300, event_id="e", habitual=HABIT)

KIND: dict[str, Any] = {"class": "loyal"}  # not a name Python can call it by
CYCLE = AccountCycle(
    **KIND,
    fact_id="f1",
    account_id="a",
    cycle_payday=date(2026, 1, 5),
    employer_id="e",
    segment="mass",
    playbook=PLAYBOOK,
    payroll_source="employed",
    currency="CNY",
    pay=1000,
    moved_out=500,
    spent=-1,
    invested=0,
    returned=2,
    retained=["1.000000", None],
    balance=[10**18, None],
    truncated=False,
    flags=["single_large"],
    habitual_out=0,
    closed_at=AT,
)
ABOUT = {
    name: getattr(CYCLE, name)
    for name in (
        "account_id",
        "cycle_payday",
        "employer_id",
        "segment",
        "playbook",
        "payroll_source",
        "currency",
    )
}
CURVE = Curve(
    **ABOUT,
    fact_id="f2",
    points=[CurvePoint(day=day, retained="0.500000", balance=7 - day) for day in range(8)],
)
LEFT = [
    Leaving(event_id=str(n), occurred_at=AT, day=1, hour=9, bank_code=code, amount=500, habitual=n > 0)
    for n, code in enumerate(["B1", None])
]
OUTFLOW = Outflow(**ABOUT, fact_id="f3", transfers=LEFT)
HOT = HotAccount(
    fact_id="f4",
    account_id="a",
    day=date(2026, 1, 12),
    pending_limit=1000,
    folded_to=AT,
    playbook=PLAYBOOK,
)
TASK = Task(
    task_id="t",
    version=2,
    kind="outflow_alert",
    status="open",
    account_id="a",
    customer_id="c",
    cycle_payday=date(2026, 1, 5),
    employer_id="e",
    currency="CNY",
    segment="mass",
    pattern=None,
    priority=80,
    reasons=[REASON],
    curve=[CurvePoint(day=0, retained=None, balance=None)],
    playbook=PLAYBOOK,
    first_contact_due=AT,
    close_due=AT,
    expires_at=AT,
    branch_id=None,
    area="north",
    manager_id=None,
    offer=None,
    created_at=AT,
)


def published(fact: Fact | Task, offset: int = 42) -> Incoming:
    return Incoming(fact.model_dump_json().encode(), partition=1, offset=offset, timestamp=1_700_000_000_123)


def named(row: LandedRow) -> dict[str, object]:
    return dict(zip(COLUMNS[row.table], row.values, strict=True))


def test_a_cycle_is_one_row() -> None:
    [row] = rows_of(FACTS, published(CYCLE))
    assert row.table == "account_cycle"
    assert named(row) == {
        **CYCLE.model_dump(exclude={"fact", "playbook"}),
        "playbook_name": "default",
        "playbook_version": 3,
        "cycle_payday": date(2026, 1, 5),
        "closed_at": AT,
        "version": 42,
    }


def test_a_curve_is_a_row_a_day() -> None:
    rows = rows_of(FACTS, published(CURVE))
    assert {row.table for row in rows} == {"curve_point"}
    assert [(named(row)["day"], named(row)["balance"]) for row in rows] == [(d, 7 - d) for d in range(8)]
    assert named(rows[0])["retained"] == "0.500000"


def test_an_outflow_is_a_row_a_transfer() -> None:
    first, second = map(named, rows_of(FACTS, published(OUTFLOW)))
    assert (first["event_id"], first["bank_code"], first["habitual"]) == ("0", "B1", False)
    assert (second["event_id"], second["bank_code"], second["habitual"]) == ("1", None, True)
    assert first["occurred_at"] == AT


def test_a_hot_account_is_one_row() -> None:
    [row] = rows_of(FACTS, published(HOT))
    assert row.table == "hot_account"
    assert named(row) == {
        **HOT.model_dump(exclude={"fact", "playbook"}),
        "day": date(2026, 1, 12),
        "folded_to": AT,
        "playbook_name": "default",
        "playbook_version": 3,
        "version": 42,
    }


def test_a_task_keeps_its_version_and_where_it_landed() -> None:
    [row] = rows_of(INTERVENTIONS, published(TASK))
    values = named(row)
    assert (values["version"], values["landed"], values["rules"]) == (2, 42, ["single_large"])
    assert values["curve"] == '[{"day":0,"retained":null,"balance":null}]'
    plain = TASK.model_fields.keys() - {"reasons", "curve", "playbook"}
    assert {name: values[name] for name in plain} == {name: getattr(TASK, name) for name in plain}


@pytest.mark.parametrize("value", [b"\xff{not json", b"", None])
def test_a_dead_letter_keeps_the_bytes_and_its_source(value: bytes | None) -> None:
    headers = (
        ("topic", JOURNAL.encode()),
        ("partition", b"3"),
        ("offset", b"99"),
        ("reason", b"malformed"),
        ("detail", b"not JSON"),
    )
    [row] = rows_of(DEAD_LETTERS, Incoming(value, 1, 42, 1_700_000_000_123, headers))
    assert named(row) == {
        "topic": JOURNAL,
        "partition": 3,
        "offset": 99,
        "reason": "malformed",
        "detail": "not JSON",
        "value": value,
        "size": len(value or b""),
        "recorded_at": 1_700_000_000_123_000,
        "landed_partition": 1,
        "landed_offset": 42,
        "version": 42,
    }


def changed(word: Fact | Task, **fields: Any) -> bytes:
    """A word as it is published, some of its fields otherwise."""
    value: bytes = msgspec.json.encode({**msgspec.json.decode(word.model_dump_json()), **fields})
    return value


def without(word: Fact | Task, name: str) -> bytes:
    fields = msgspec.json.decode(word.model_dump_json())
    del fields[name]
    value: bytes = msgspec.json.encode(fields)
    return value


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
        (FACTS, changed(CYCLE, fact="employer_payday"), "unknown_kind", "fact employer_payday: run a landing"),
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
    reasons = [{"rule": "new_rule", "evidence": [1, 2]}]
    [row] = rows_of(INTERVENTIONS, Incoming(changed(TASK, reasons=reasons), 1, 42, 0))
    assert named(row)["rules"] == ["new_rule"]
    assert msgspec.json.decode(str(named(row)["reasons"])) == reasons, "kept whole, known or not"


def test_sums_beyond_64_bits_stay_what_they_are() -> None:
    [row] = rows_of(FACTS, Incoming(changed(CYCLE, pay=2**70, spent=-(2**70)), 1, 42, 0))
    assert (named(row)["pay"], named(row)["spent"]) == (2**70, -(2**70))
