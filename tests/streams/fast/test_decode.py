"""The fast reading of postings and pydantic's: the same acceptance, meaning and reasons."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dead import Reason, Rejection
from schemas.decode import decode
from streams.fast.decode import read_event
from streams.fast.events import FastCredit, FastTransfer

TRANSFER: dict[str, Any] = {
    "type": "transfer",
    "event_id": "e1",
    "account_id": "a1",
    "customer_id": "c1",
    "amount": 100,
    "currency": "CNY",
    "balance_after": 5,
    "occurred_at": "2026-01-05T10:00:00+08:00",
    "reverses": None,
    "direction": "out",
    "kind": "transfer",
    "counterparty": {"bank_code": "B", "account_ref": "t", "same_name": False},
    "channel": "mobile",
    "merchant": None,
}
CREDIT: dict[str, Any] = {
    "type": "payroll_credit",
    "event_id": "e1",
    "account_id": "a1",
    "customer_id": "c1",
    "employer_id": "x",
    "payroll_source": "employed",
    "amount": 100,
    "currency": "CNY",
    "balance_after": None,
    "occurred_at": "2026-01-05T10:00:00Z",
    "branch_id": None,
    "reverses": None,
}
ABSENT = object()
NUMBERS = [0, 1, -1, 1.0, 10**15, 10**15 + 1, 10**18, -(10**18) - 1, 10**40, True, False]
TEXTS = ["", "x" * 64, "x" * 65, "é" * 64, "é" * 65, "CNY", "RMB", "XXX", "cny", "CNY\n", "CNYX", "1"]
TEXTS += [
    "employer:1",
    "Employer:1",
    "a\x00",
    "a\x1b[2J",
    "a\x7f",
    "a\x85",
    "a\u200b",
    "a\u202eb",
    "a\\b",
    "工",
]
WORDS = ["out", "in", "other", "employed", "transfer", "payroll_credit", "tick"]
TIMES = [
    "2026-01-05T10:00:00",
    "2026-01-05 10:00:00Z",
    "2026-01-05t10:00:00.1234567z",
    "2026-01-05T10:00:00+0800",
    "2026-01-05T10:00:00+08",
    "1899-01-01T00:00:00Z",
]
PARTS = [
    [],
    {},
    {"bank_code": "B", "account_ref": "t"},
    {"bank_code": "B", "account_ref": "t", "same_name": True, "more": [1, {"a": None}]},
    {"bank_code": "B\x07", "account_ref": "t", "same_name": True},
    {"bank_code": "", "account_ref": "t\x7f", "same_name": True},
    {"id": "m", "in_network": 1},
    {"id": "m\n", "in_network": True},
]
VALUES = st.one_of(
    st.sampled_from([ABSENT, None, *NUMBERS, *TEXTS, *WORDS, *TIMES, *PARTS]),
    st.text(max_size=5),
    st.integers(),
)
HEADERS = st.sampled_from([None, b"transfer", b"payroll_credit", b"profile", b"nonsense"])


def _meaning(event: Any) -> Any:
    if isinstance(event, Rejection):
        return event
    names = (FastTransfer if event.type == "transfer" else FastCredit).__struct_fields__
    found = {name: getattr(event, name) for name in names if name not in ("merchant", "branch_id")}
    party = found.get("counterparty")
    if party is not None:
        found["counterparty"] = (party.bank_code, party.account_ref, party.same_name)
    return found


def _assert_alike(value: bytes, header: bytes | None) -> None:
    lean, strict = read_event(value, header), decode(value, header)
    if getattr(strict, "type", None) in ("profile", "task_event", "tick"):
        assert lean == strict
    else:
        assert _meaning(lean) == _meaning(strict), f"{value!r} with {header!r} is read in two ways"


@settings(max_examples=1500, deadline=None)
@given(
    st.sampled_from([TRANSFER, CREDIT]),
    st.dictionaries(st.sampled_from([*TRANSFER, *CREDIT, "more"]), VALUES, max_size=3),
    HEADERS,
    st.booleans(),
)
def test_changed_fields_are_read_alike(
    base: dict[str, Any], changes: dict[str, Any], header: bytes | None, ascii_only: bool
) -> None:
    value = {name: field for name, field in {**base, **changes}.items() if field is not ABSENT}
    try:
        text = json.dumps(value, ensure_ascii=ascii_only).encode()
    except UnicodeEncodeError:
        text = json.dumps(value).encode()
    _assert_alike(text, header)


@settings(max_examples=800, deadline=None)
@given(st.sampled_from([TRANSFER, CREDIT]), st.data(), HEADERS)
def test_changed_bytes_are_read_alike(
    base: dict[str, Any], data: st.DataObject, header: bytes | None
) -> None:
    text = json.dumps(base).encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 8)))
    _assert_alike(text[:start] + data.draw(st.binary(max_size=6)) + text[end:], header)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(TRANSFER).replace('"type": "transfer", ', "").encode(),
        b'{"inner":{"type":"transfer"},' + json.dumps({**TRANSFER, "type": 5}).encode()[1:],
        json.dumps(TRANSFER).encode()[:-1] + b',"amount":7}',
        json.dumps(TRANSFER).encode()[:-1] + b',"type":"payroll_credit"}',
        json.dumps(TRANSFER).encode()[:-1] + b',"x":"\xff"}',
        json.dumps(TRANSFER).encode()[:-1] + b',"x":' + b"[" * 300 + b"]" * 300 + b"}",
        json.dumps(TRANSFER).encode()[:-1] + b',"x":' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}",
        json.dumps(TRANSFER).encode()[:-1] + b',"x":NaN}',
        json.dumps(TRANSFER).encode()[:-1] + b',"x":1e999}',
        json.dumps(TRANSFER).encode()[:-1] + b',"x":"\\ud800"}',
        b" " + json.dumps(TRANSFER).encode() + b"\n",
        json.dumps(TRANSFER).encode() + b"x",
        json.dumps({**TRANSFER, "event_id": "e" * 65_000}).encode(),
        b"",
    ],
)
@pytest.mark.parametrize("header", [None, b"transfer", b"payroll_credit"])
def test_what_the_two_libraries_see_differently_is_read_alike(text: bytes, header: bytes | None) -> None:
    _assert_alike(text, header)


@pytest.mark.parametrize("base", [TRANSFER, CREDIT])
@pytest.mark.parametrize("character", ["\x00", "\n", "\x1b", "\x7f", "\x85", "\u202e"])
def test_a_hidden_character_is_found_in_every_text(base: dict[str, Any], character: str) -> None:
    full = {**base, "reverses": "r", "merchant": {"id": "m", "in_network": True}, "branch_id": "b"}
    for name in _names_of_texts(base):
        outer, _, inner = name.partition(".")
        wrong = full[outer] | {inner: f"a{character}"} if inner else f"a{character}"
        for text in (
            json.dumps(full | {outer: wrong}),
            json.dumps(full | {outer: wrong}, ensure_ascii=False),
        ):
            read = read_event(text.encode())
            assert isinstance(read, Rejection), f"{name} may hold {character!r}"
            assert read.reason in (Reason.INVALID, Reason.MALFORMED)


def _names_of_texts(base: dict[str, Any]) -> list[str]:
    shared = ["event_id", "account_id", "customer_id", "reverses"]
    if base is CREDIT:
        return [*shared, "employer_id", "branch_id"]
    return [*shared, "counterparty.bank_code", "counterparty.account_ref", "merchant.id"]


@pytest.mark.parametrize("base", [TRANSFER, CREDIT])
def test_an_escape_that_hides_nothing_takes_the_fast_way_too(base: dict[str, Any]) -> None:
    text = json.dumps({**base, "event_id": "a/b", "memo": "工资\n"}).replace("/", "\\/").encode()
    read = read_event(text)
    assert isinstance(read, FastTransfer | FastCredit)
    assert read.event_id == "a/b"


def test_a_plain_posting_takes_the_fast_way() -> None:
    assert isinstance(read_event(json.dumps(TRANSFER).encode()), FastTransfer)
    assert isinstance(read_event(json.dumps(CREDIT).encode(), b"payroll_credit"), FastCredit)
