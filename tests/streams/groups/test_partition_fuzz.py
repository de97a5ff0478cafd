"""Whatever stands in a record of the groups log, nothing raises, and the books balance (X4, X5)."""

import json
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.dead import Reason
from streams.journal.eventsfile import Line
from tests.streams.groups.builders import Kept, closed, local, paid, watermark

NOON = local("2026-03-05 12:00")
VALID = [
    paid(NOON, "2026-03-05", count=3),
    paid(NOON, "2026-03-06", was="2026-03-05", previous="2026-02-05"),
    closed(NOON + timedelta(days=9), "2026-03-05", product_count=3),
    watermark(NOON, 0, 2),
    watermark(NOON, 1, 2),
    watermark(NOON + timedelta(days=30), 0, 2),
]
EVIL = [
    None, True, False, 0, 1, -1, 499, 500, 10**15, 10**18, 10**40, 1e308, "", " ", "\x00", "é", "\U0001f600", [], {},
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "1900-01-01T00:00:00Z", "8999-12-31T23:59:59Z",
    "2026-03-05", "2026-02-30", "0001-01-01", "9999-12-31", "paid", "closed", "watermark", "tick",
]  # fmt: skip
values = st.recursive(
    st.sampled_from(EVIL) | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A valid record, with some of it changed."""
    record = dict(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(0, 2))):
        record[draw(st.sampled_from(sorted(record)))] = draw(values)
    value = json.dumps(record).encode()
    if draw(st.integers(0, 5)) == 0:
        place = draw(st.integers(0, len(value)))
        value = value[:place] + draw(st.binary(max_size=3)) + value[place + draw(st.integers(0, 3)) :]
    return value


GROUP = b"employer:e"
records = st.builds(
    Line,
    st.just("payday.groups.v1"),
    st.sampled_from([GROUP, GROUP, GROUP, None, None, b"", b"employer:", b"\xff", b"\x00", "employer:é".encode()]),
    st.none() | st.binary(max_size=20) | values.map(lambda one: json.dumps(one).encode()) | spoilt() | spoilt(),
    st.sampled_from([(), (), (("type", b"paid"),), (("by", None),), (("by", b"\xff"), ("type", b""))]),
    st.sampled_from([None, None, 0, -1, 1_772_683_200_000, 2**63]),
)  # fmt: skip
MONSTERS = [
    Line("t", GROUP, b"x" * 2**20),
    Line("t", None, b'{"type":"watermark","instant":' + b"[" * 30_000),
    Line("t", GROUP, b"[" * 30_000 + b"]" * 30_000),
    Line("t", GROUP, b'{"type":"paid","count":' + b"9" * 60_000 + b"}"),
    Line("t", b"employer:e" * 2**16, json.dumps(VALID[0]).encode()),
    Line("t", GROUP, b"\xef\xbb\xbf" + json.dumps(VALID[0]).encode()),
    Line("t", GROUP, json.dumps(VALID[0]).encode("utf-16")),
]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(records | st.sampled_from(MONSTERS), max_size=12), st.booleans())
def test_whatever_is_read_the_books_balance_and_each_refusal_is_one_dead_record(
    log: list[Line], restarted: bool
) -> None:
    kept = Kept(is_ours=lambda key: key != b"employer:f")
    refused = []
    for place, record in enumerate(log):
        before = sum(kept.partition.row.books.dead.values())
        kept.read_only(record)
        if sum(kept.partition.row.books.dead.values()) > before:
            refused.append(place)
    assert kept.partition.row.books.read == len(log)
    assert kept.partition.row.books.balanced
    assert [dead.place for dead in kept.take().dead] == refused, "a refusal without its dead record"
    assert all(isinstance(dead.rejection.reason, Reason) for dead in kept.dead)
    assert all(0 < len(dead.rejection.detail) <= 200 for dead in kept.dead)
    if restarted:
        kept.restart()
    kept.until(NOON + timedelta(days=1_000))
    assert all(one.to_json() for one in kept.emitted)
