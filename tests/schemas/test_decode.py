"""Every bad input has its typed reason (J3, O3, X5)."""

import json
from typing import Any

import pytest

from schemas.answers import EmployerAnswer
from schemas.broadcasts import CalendarChange, LiveChange, PlaybookChange
from schemas.dead import Reason, Rejection
from schemas.decode import decode
from schemas.events import EventType, PayrollCredit, Profile, TaskEvent, Tick, Transfer
from tests.schemas.broadcasts import CALENDAR, LIVE, PLAYBOOK, TICK

POSTING = {
    "event_id": "e-1",
    "account_id": "SECRET-ACCOUNT",
    "customer_id": "SECRET-CUSTOMER",
    "amount": 1_234_567,
    "currency": "CNY",
    "balance_after": -5,
    "occurred_at": "2026-01-05T09:00:00+08:00",
    "reverses": None,
}
CREDIT = POSTING | {
    "type": "payroll_credit",
    "employer_id": "e",
    "payroll_source": "employed",
    "branch_id": None,
}
TRANSFER = POSTING | {
    "type": "transfer",
    "direction": "out",
    "kind": "transfer",
    "counterparty": {"bank_code": "b", "account_ref": "SECRET-REF", "same_name": False},
    "channel": "mobile",
    "merchant": {"id": "m", "in_network": True},
}
PROFILE = {
    "type": "profile",
    "account_id": "SECRET-ACCOUNT",
    "customer_id": "SECRET-CUSTOMER",
    "aum": 5,
    "product_count": 3,
    "segment": "s",
    "branch_id": "b",
    "area": "x",
    "manager_id": "m",
    "lifecycle_stage": "new",
    "onboarded_on": "2025-01-01",
    "vip": False,
    "consent": {"sms": True, "wechat": False, "app": True, "call": True, "visit": False},
    "maturities": [{"on": "2026-02-01", "amount": 5}],
}
TASK_EVENT = {
    "type": "task_event",
    "event_id": "t",
    "account_id": "SECRET-ACCOUNT",
    "task_id": "x",
    "action": "claimed",
    "staff_id": "SECRET-STAFF",
    "channel": "call",
    "result": "SECRET-RESULT",
    "cost": 0,
    "partner_id": None,
    "occurred_at": "2026-01-05T09:00:00Z",
}
EMPLOYER = {
    "type": "employer",
    "employer_id": "SECRET-EMPLOYER",
    "at": "2026-03-05T20:00:00Z",
    "from": "2026-03-06T01:00:00Z",
    "head_count": 2,
    "last_payday": "2026-03-05",
    "gone": False,
    "rule": None,
    "expected": None,
    "sigma_days": None,
    "confidence": None,
    "agree": None,
    "verdict": None,
    "playbook": {"name": "default", "version": 1},
}
ALL: dict[str, tuple[dict[str, Any], type]] = {
    "payroll_credit": (CREDIT, PayrollCredit),
    "transfer": (TRANSFER, Transfer),
    "profile": (PROFILE, Profile),
    "task_event": (TASK_EVENT, TaskEvent),
    "tick": (TICK, Tick),
    "playbook": (PLAYBOOK, PlaybookChange),
    "calendar": (CALENDAR, CalendarChange),
    "live": (LIVE, LiveChange),
    "employer": (EMPLOYER, EmployerAnswer),
}
NULLABLE = {
    "payroll_credit": {"balance_after", "branch_id", "reverses"},
    "transfer": {"balance_after", "counterparty", "merchant", "reverses"},
    "task_event": {"staff_id", "channel", "result", "cost", "partner_id"},
    "employer": {"last_payday", "rule", "expected", "sigma_days", "confidence", "agree", "verdict"},
    **{name: set() for name in ("profile", "tick", "playbook", "calendar", "live")},
}


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def why(value: Any, type_name: bytes | None = None) -> Rejection:
    result = decode(value if isinstance(value, bytes) else encoded(value), type_name)
    assert isinstance(result, Rejection), f"accepted: {result}"
    return result


def test_there_is_a_decoder_for_every_type() -> None:
    assert set(ALL) == {kind.value for kind in EventType}


@pytest.mark.parametrize("name", ALL)
def test_a_type_in_the_field_in_the_header_or_in_both_is_the_same_event(name: str) -> None:
    value, kind = ALL[name]
    untyped = {field: content for field, content in value.items() if field != "type"}
    event = decode(encoded(value))
    assert isinstance(event, kind)
    assert decode(encoded(value), name.encode()) == event
    assert decode(encoded(untyped), name.encode()) == event


@pytest.mark.parametrize("name", ALL)
def test_a_missing_field_is_bad_input_unless_it_may_be_null(name: str) -> None:
    value, _ = ALL[name]
    for field in value.keys() - {"type"}:
        rest = {other: content for other, content in value.items() if other != field}
        if field in NULLABLE[name]:
            assert decode(encoded(rest)) == decode(encoded(value | {field: None})), (
                f"{field} absent is not null"
            )
        else:
            assert why(rest).reason == Reason.INVALID
            assert why(rest).detail.startswith(f"{field}: is missing, must be ")
            assert why(value | {field: None}).reason == Reason.INVALID, f"{field} may not be null"
            assert why(value | {field: None}).detail.startswith(f"{field}: is null, must be ")


@pytest.mark.parametrize("name", ALL)
def test_a_field_of_another_type_is_bad_input(name: str) -> None:
    value, _ = ALL[name]
    for field, content in value.items():
        if field == "type":
            continue
        for wrong in (7, "7", 7.0, True, [], {}, [content], str(content)):
            # An int is no text, a text no int; 7.0 and true are no ints either.
            if type(wrong) is type(content):
                continue
            if field in NULLABLE[name] and isinstance(wrong, str) and not isinstance(content, int | dict):
                continue
            if isinstance(content, int) and type(wrong) is int and not isinstance(content, bool):
                continue
            if content is None and wrong in ("7", "None"):
                continue
            assert why(value | {field: wrong}).reason == Reason.INVALID, f"{field} accepts {wrong!r}"
            assert why(value | {field: wrong}).detail.startswith(field), "the detail does not name the field"


@pytest.mark.parametrize("name", ALL)
def test_unknown_fields_are_ignored(name: str) -> None:
    value, _ = ALL[name]
    assert decode(encoded(value | {"specversion": "1.0", "deep": {"é": [1.5, None]}})) == decode(
        encoded(value)
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "transfers"),
        ("kind", ""),
        ("direction", "OUT"),
        ("channel", "web"),
        ("currency", "cny"),
        ("currency", "CNYX"),
        ("currency", "CN\n"),
        ("currency", "CNY\n"),
        ("currency", ""),
        ("amount", 0),
        ("amount", -5),
        ("amount", 10**15 + 1),
        ("amount", 10**30),
        ("amount", 1.0),
        ("amount", 1.5),
        ("amount", "5"),
        ("amount", True),
        ("balance_after", 10**18 + 1),
        ("balance_after", -(10**18) - 1),
        ("balance_after", 0.0),
        ("event_id", ""),
        ("event_id", "x" * 65),
        ("account_id", ""),
        ("customer_id", "x" * 65),
        ("reverses", ""),
        ("occurred_at", "2026-01-05T09:00:00"),
        ("occurred_at", "2026-01-05"),
        ("occurred_at", 1_767_574_800),
        ("occurred_at", "9999-12-31T23:59:59Z"),
        ("occurred_at", "2026-02-30T09:00:00Z"),
        ("counterparty", {}),
        ("counterparty", {"bank_code": "b", "account_ref": "r", "same_name": "no"}),
        ("merchant", {"id": "m", "in_network": 1}),
    ],
)
def test_a_value_out_of_its_range_is_bad_input(field: str, value: Any) -> None:
    result = why(TRANSFER | {field: value})
    assert result.reason == Reason.INVALID
    assert result.detail.startswith(field), f"the detail names another field: {result.detail}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 1),
        ("amount", 10**15),
        ("balance_after", 10**18),
        ("balance_after", -(10**18)),
        ("event_id", "é" * 64),
        ("event_id", " ~\xa0é工\U0001f600"),
        ("occurred_at", "2026-01-05T09:00:00+0800"),
        ("counterparty", {"bank_code": "", "account_ref": "", "same_name": True}),
        ("occurred_at", "2026-01-05t01:00:00.123456789z"),
    ],
)
def test_a_value_at_its_limit_is_accepted(field: str, value: Any) -> None:
    assert isinstance(decode(encoded(TRANSFER | {field: value})), Transfer)


@pytest.mark.parametrize(
    ("base", "field", "value"),
    [
        (CREDIT, "payroll_source", "salary"),
        (CREDIT, "employer_id", ""),
        (CREDIT, "account_id", "employer:e1"),
        (PROFILE, "account_id", "employer:e1"),
        (TASK_EVENT, "account_id", "employer:e1"),
        (PROFILE, "product_count", -1),
        (PROFILE, "onboarded_on", "2025-01-01T00:00:00Z"),
        (PROFILE, "consent", {"sms": True}),
        (PROFILE, "maturities", [{"on": "2026-02-01", "amount": 0}]),
        (TASK_EVENT, "action", "won"),
        (TICK, "instant", "soon"),
    ],
)
def test_the_other_types_have_ranges_too(base: dict[str, Any], field: str, value: Any) -> None:
    assert why(base | {field: value}).reason == Reason.INVALID


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("header", ALL)
def test_header_and_field_must_agree(name: str, header: str) -> None:
    if name != header:
        assert why(ALL[name][0], header.encode()).reason == Reason.INVALID
