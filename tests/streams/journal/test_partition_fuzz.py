"""Whatever is sent, the books balance and nothing escapes: bad input is a dead record (X4, X5)."""

import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schemas.dead import Reason
from schemas.instant import DAY
from streams.journal.eventsfile import Line
from tests.reference.lines import at, credit, tick
from tests.streams.builders import LARGE, PROFILE_LINE, TASK_EVENT, Kept, record, when

# What a producer can get wrong, and what an attacker would try.
VALID = [
    line["value"]
    for line in (
        *LARGE,
        PROFILE_LINE,
        TASK_EVENT,
        tick(at(2)),
        credit("r", at(1), 5, reverses="p", balance_after=-1),
    )
]
EVIL: list[Any] = [
    None, True, 0, -1, 1.5, 10**15, 10**15 + 1, 10**18 + 1, -(10**30), 10**400, float("nan"), float("inf"),
    "", "a", "x" * 65,
    "\ud800", "\x00", "é" * 64, [], {}, [[]], {"a": {}}, "2026-01-05T12:00:00", "2026-01-05T12:00:00+08:00",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "1900-01-01T00:00:00Z", "8999-12-31T23:59:59-23:59",
    "2026-02-30T00:00:00Z", "2026-01-05T23:59:60Z", "CNY", "cny", "out", "in", "transfer", "tick",
]  # fmt: skip
json_values = st.recursive(
    st.sampled_from(EVIL) | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid event, with some of it spoilt."""
    fields = list(draw(st.sampled_from(VALID)).items())
    for _ in range(draw(st.integers(0, 2))):
        n = draw(st.integers(0, len(fields) - 1))
        how = draw(st.sampled_from(["replace", "replace", "drop", "again", "rename"]))
        name, value = fields[n]
        if how == "replace":
            fields[n] = name, draw(json_values)
        elif how == "drop" and len(fields) > 1:
            del fields[n]
        elif how == "again":
            fields.append((name, draw(json_values)))
        elif how == "rename":
            fields[n] = draw(st.text(max_size=5)), value
    text = "{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in fields) + "}"
    value = text.encode()
    if draw(st.integers(0, 5)) == 0:
        place = draw(st.integers(0, len(value)))
        value = value[:place] + draw(st.binary(max_size=3)) + value[place + draw(st.integers(0, 3)) :]
    return value


headers = st.lists(
    st.tuples(
        st.sampled_from(["type", "type", "source", "ce_id", "traceparent", "", "Type", "\ufffd", "x" * 300])
        | st.text(max_size=5),
        st.sampled_from([None, None, b"transfer", b"payroll_credit", b"tick", b"", b"\xff"])
        | st.binary(max_size=9),
    ),
    max_size=4,
)
timestamps = st.sampled_from(
    [None, None, 0, -1, 1_767_600_000, 1_767_585_600_000, -(2**63), 2**63 - 1, 2**63]
)
records = st.builds(
    Line,
    st.just("payday.journal.v1"),
    st.sampled_from([b"a", b"a", b"a", b"a", b"", None, b"b", b"\xff", b"\x00", "é".encode()]),
    st.none() | st.binary(max_size=20) | json_values.map(lambda value: json.dumps(value).encode())
    | mutated() | mutated() | mutated() | mutated(),
    st.just(()) | st.just((("traceparent", None), ("type", None), ("type", b"transfer"))) | headers,
    timestamps,
)  # fmt: skip
MONSTERS = [
    Line("t", b"a", b"x" * 2**20),
    Line("t", b"a", b'{"type":"tick","instant":' + b"[" * 30_000),
    Line("t", b"a", b"[" * 30_000 + b"]" * 30_000),
    Line("t", b"a", b'{"a":' * 9_000 + b"1" + b"}" * 9_000),
    Line("t", b"a", b'{"type":"transfer","amount":' + b"9" * 60_000 + b"}"),
    Line("t", b"a", b'{"type":"tick","instant":"2026-01-05T00:00:00.' + b"9" * 60_000 + b'Z"}'),
    Line("t", b"a" * 2**20, json.dumps(VALID[0]).encode()),
    Line("t", b"a", b"\xef\xbb\xbf" + json.dumps(VALID[0]).encode()),
    Line("t", b"a", json.dumps(VALID[0]).encode("utf-16")),
    Line("t", None, None, [("type", None)] * 1_000),
    Line("t", b"a", json.dumps(VALID[0]).encode(), [("h", b"x" * 2**20), ("h", None)]),
]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(records | st.sampled_from(MONSTERS), max_size=12), st.integers(1, 6), st.booleans())
@example(MONSTERS, 4, True)
@example([*MONSTERS, *map(record, LARGE)], 20, False)
def test_whatever_is_read_the_books_balance_and_each_refusal_is_one_dead_record(
    journal: list[Line], every: int, ticking: bool
) -> None:
    kept = Kept(ticking=ticking, is_ours=lambda key: key != b"b")
    read, refused = 0, []
    for n, line in enumerate(journal):
        before = sum(kept.partition.row.books.dead.values())
        kept.read(line)
        read += 1
        if sum(kept.partition.row.books.dead.values()) > before:
            refused.append(n % every)
        assert kept.partition.row.books.balanced, f"the books do not balance after {line}"
        if n % every == every - 1:
            kept.take()
    kept.take()
    assert kept.partition.row.books.read == read
    assert [dead.place for dead in kept.dead] == refused, (
        "a refusal without its dead record, or the wrong one"
    )
    assert all(isinstance(dead.rejection.reason, Reason) for dead in kept.dead)
    for task in kept.tasks:
        task.model_dump_json()
    kept.restart().tick(when(60) if kept.partition.clock is None else kept.partition.clock + 500 * DAY)
    assert kept.partition.row.books.balanced


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(records | st.sampled_from(MONSTERS), max_size=12), st.booleans())
@example([*map(record, LARGE), *MONSTERS], True)
def test_whatever_is_read_together_comes_to_what_it_comes_to_one_by_one(
    journal: list[Line], ticking: bool
) -> None:
    def kept() -> Kept:
        return Kept(ticking=ticking, is_ours=lambda key: key != b"b")

    together, one_by_one = kept().read_together(journal), kept().read(*journal)
    assert together.outcome == one_by_one.outcome
    assert together.dead == one_by_one.dead
