"""A rejection says how to mend the record, and never repeats what stood in it: it may be personal data
(X8)."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dead import Rejection
from schemas.decode import decode
from schemas.expected import MOST
from tests.schemas.test_decode import ALL, CREDIT, NULLABLE, PROFILE, TASK_EVENT, TICK, TRANSFER, encoded, why

ID = "text of 1 to 64 characters, none of them control or invisible"
TEXT = "text of at most 64 characters, none of them control or invisible"
MONEY = "an integer from 1 to 10^15, in minor units"
BALANCE = "an integer from -10^18 to 10^18, in minor units"
INSTANT = "an RFC 3339 instant with an offset, e.g. 2026-01-05T09:00:00+08:00, in the years 1900 to 8999"
CODE = "an active ISO 4217 code in capitals, e.g. CNY (which RMB and CNH are not)"
KIND = "one of transfer, consumption, cash, bill, loan_repayment, investment, internal, interest, fee, other"
TABLE: list[tuple[dict[str, Any], str, Any, str]] = [
    (TRANSFER, "event_id", "", f"event_id: is empty, must be {ID}"),
    (TRANSFER, "event_id", "x" * 65, f"event_id: is too long, must be {ID}"),
    (TRANSFER, "event_id", 7, f"event_id: is a number, must be {ID}"),
    (TRANSFER, "event_id", "a\x1b[2J", f"event_id: must be {ID}"),
    (TRANSFER, "account_id", "employer:7", f"account_id: must be {ID}, not beginning with employer:"),
    (TRANSFER, "reverses", "", f"reverses: is empty, must be {ID}, or null"),
    (TRANSFER, "amount", 0, f"amount: is too small, must be {MONEY}"),
    (TRANSFER, "amount", 10**16, f"amount: is too large, must be {MONEY}"),
    (TRANSFER, "amount", 10**30, f"amount: is too large, must be {MONEY}"),
    (TRANSFER, "amount", "12", f"amount: is text, must be {MONEY}"),
    (TRANSFER, "amount", 12.5, f"amount: is a decimal number, must be {MONEY}"),
    (TRANSFER, "amount", 12.0, f"amount: is a decimal number, must be {MONEY}"),
    (TRANSFER, "amount", True, f"amount: is true or false, must be {MONEY}"),
    (TRANSFER, "balance_after", 10**19, f"balance_after: is too large, must be {BALANCE}, or null"),
    (TRANSFER, "currency", "RMB", f"currency: must be {CODE}"),
    (TRANSFER, "currency", None, f"currency: is null, must be {CODE}"),
    (TRANSFER, "occurred_at", "2026-01-05T09:00:00", f"occurred_at: must be {INSTANT}"),
    (TRANSFER, "occurred_at", "1899-01-05T09:00:00Z", f"occurred_at: must be {INSTANT}"),
    (TRANSFER, "occurred_at", 1_767_574_800, f"occurred_at: is a number, must be {INSTANT}"),
    (TRANSFER, "kind", "Transfer", f"kind: must be {KIND}"),
    (TRANSFER, "direction", 1, "direction: is a number, must be one of out, in"),
    (
        TRANSFER,
        "counterparty",
        "b",
        "counterparty: is text, must be an object with bank_code, account_ref, same_name, or null",
    ),
    (
        TRANSFER,
        "counterparty",
        {"bank_code": None},
        f"counterparty.bank_code: is null, must be {TEXT}",
    ),
    (TRANSFER, "merchant", {"id": "m"}, "merchant.in_network: is missing, must be true or false"),
    (PROFILE, "product_count", 10_001, "product_count: is too large, must be an integer from 0 to 10000"),
    (PROFILE, "onboarded_on", "5 Jan", "onboarded_on: must be a date of the form 2026-01-05"),
    (PROFILE, "consent", {"sms": 1}, "consent.sms: is a number, must be true or false"),
    (PROFILE, "maturities", {}, "maturities: is an object, must be a list"),
    (PROFILE, "maturities", [{"on": "2026-01-05"}], f"maturities.0.amount: is missing, must be {MONEY}"),
    (TICK, "instant", "soon", f"instant: must be {INSTANT}"),
]


@pytest.mark.parametrize(("base", "field", "value", "detail"), TABLE)
def test_a_detail_names_the_field_what_it_is_and_what_it_must_be(
    base: dict[str, Any], field: str, value: Any, detail: str
) -> None:
    assert why(base | {field: value}).detail == detail


def test_a_value_of_another_type_than_its_topic_or_header_says_so() -> None:
    assert why(TRANSFER, b"tick").detail == "type: must be tick, as the type header or the topic says"


@pytest.mark.parametrize(
    ("value", "header", "detail"),
    [
        (None, None, "the value is null; an event is a JSON object"),
        (b"x" * 65_537, None, "the value has 65537 bytes, at most 65536"),
        (b"[1]", None, "not a JSON object"),
        (
            b'{"type": "tick",\n "instant" 7}',
            None,
            "line 2 column 12: not valid JSON; a value is one JSON object in UTF-8, without a byte order mark",
        ),
        (
            b'{"type": "ticks"}',
            None,
            "type: must be one of payroll_credit, transfer, profile, task_event, tick, playbook, calendar, live, "
            "employer, in the value or a header",
        ),
        (
            b"{}",
            b"ticks",
            "type header: must be one of payroll_credit, transfer, profile, task_event, tick, playbook, calendar, "
            "live, employer",
        ),
    ],
)
def test_what_is_no_event_at_all_is_told_from_one_with_a_wrong_field(
    value: bytes | None, header: bytes | None, detail: str
) -> None:
    result = decode(value, header)
    assert isinstance(result, Rejection)
    assert result.detail == detail


def places(value: Any, outer: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a value, inner ones included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, content in inner:
        yield (*outer, name)
        yield from places(content, (*outer, name))


def changed(value: Any, place: tuple[str | int, ...], content: Any) -> Any:
    copy = json.loads(json.dumps(value))
    node = copy
    for name in place[:-1]:
        node = node[name]
    node[place[-1]] = content
    return copy


WRONG = [None, True, 0, -(10**19), 10**30, 1.5, "", "x" * 65, "SECRET\x07", [], ["SECRET"], {}, {"SECRET": 1}]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_every_field_says_what_it_must_be_whatever_is_wrong_with_it(name: str, wrong: Any) -> None:
    base, _ = ALL[name]
    for place in places(base):
        result = decode(encoded(changed(base, place, wrong)), name.encode())
        if not isinstance(result, Rejection):
            continue  # it is a right value there
        assert re.match(r"[a-z_.0-9]+: (is [a-z ]+, )?must be [a-z0-9]", result.detail), result.detail
        assert result.detail.startswith(".".join(map(str, place))), f"another field is named: {result.detail}"
        assert "as the published schema says" not in result.detail, "it does not say what is expected"
        assert len(result.detail) < MOST, "the end of the sentence is cut off"
        assert "SECRET" not in result.detail


@pytest.mark.parametrize("name", ALL)
def test_a_field_that_may_be_null_says_so(name: str) -> None:
    for field in ALL[name][0].keys() - {"type"}:
        said = why(ALL[name][0] | {field: ["x"]}).detail if field != "maturities" else ""
        assert said.endswith((", or null", "must be null")) == (field in NULLABLE[name]), f"{field}: {said}"


def spoilt(text: str) -> list[Callable[[dict[str, Any]], Any]]:
    return [
        lambda value: value | {field: text for field in value if field != "type"},
        lambda value: value | {text: text, "amount": text},
        lambda value: value | {"type": text},
        lambda value: value | {"counterparty": {text: text}, "kind": text},
        lambda value: value | {"maturities": [{text: text}], "consent": {text: text}},
        lambda value: value | {"occurred_at": text, "onboarded_on": text},
        lambda value: value | {"currency": text, "instant": text},
        lambda value: [text],
        lambda value: text,
    ]


# As long as one another, and wrong wherever a text has a form; so nothing but the text itself differs.
secrets = st.text("0123456789abcXYZ-", min_size=12, max_size=12).map(lambda text: f"SECRET{text}")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([value for value, _ in ALL.values()]),
    secrets,
    secrets,
    st.integers(0, len(spoilt("")) - 1),
    st.sampled_from([None, b"transfer", b"profile", b"SECRET"]),
)
def test_a_detail_is_the_same_whatever_text_stood_in_the_record(
    value: dict[str, Any], one: str, other: str, how: int, type_name: bytes | None
) -> None:
    first, second = (decode(encoded(spoilt(text)[how](value)), type_name) for text in (one, other))
    if isinstance(first, Rejection):
        assert first == second, "what stood in the record shows in the detail"
        assert "SECRET" not in first.detail, "a value, or a field name of the producer's, is in the detail"
        assert len(first.detail) <= MOST


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([CREDIT, TRANSFER, PROFILE, TASK_EVENT]),
    st.text(min_size=1, max_size=80).map(lambda text: f"SECRET{text}"),
    st.integers(0, len(spoilt("")) - 1),
)
def test_no_text_at_all_shows_up_in_a_detail(value: dict[str, Any], text: str, how: int) -> None:
    result = decode(encoded(spoilt(text)[how](value)))
    assert not isinstance(result, Rejection) or "SECRET" not in result.detail


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.none() | st.sampled_from([*map(str.encode, ALL)]) | st.binary(max_size=5))
def test_any_bytes_are_an_event_or_a_rejection(value: bytes, type_name: bytes | None) -> None:
    result = decode(value, type_name)
    assert isinstance(result, (Rejection, *(kind for _, kind in ALL.values())))
