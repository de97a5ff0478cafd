"""What texts and currencies may be: nothing that a terminal obeys or an eye does not see, and money in use."""

import re

import pytest
from jsonschema import Draft202012Validator

from schemas.currency import CURRENCIES
from schemas.dead import Reason
from schemas.decode import decode
from schemas.events import Transfer
from schemas.export import json_schemas
from tests.schemas.test_decode import PROFILE, TRANSFER, encoded, why

HIDDEN = {
    "control characters": range(0x20),
    "delete and the second set of them": range(0x7F, 0xA0),
    "a hyphen that is not seen": [0xAD],
    "marks of direction": [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
    "characters without width": [*range(0x200B, 0x200E), *range(0x2060, 0x2065), 0xFEFF],
    "ends of lines": [0x2028, 0x2029],
    "annotations": range(0xFFF9, 0xFFFC),
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_what_reaches_a_terminal_or_cannot_be_seen_is_in_no_text(kind: str) -> None:
    for code in HIDDEN[kind]:
        for value in (f"a{chr(code)}b", chr(code), f"a{chr(code)}"):
            assert why(TRANSFER | {"event_id": value}).reason == Reason.INVALID, f"{code:x} in an id"
            assert why(PROFILE | {"area": value}).reason == Reason.INVALID, f"{code:x} in a text"


@pytest.mark.parametrize(
    ("field", "value", "right"),
    [
        ("currency", "CNY", True),
        ("currency", "CZK", True),
        ("currency", "RMB", False),
        ("currency", "CNH", False),
        ("currency", "DEM", False),
        ("currency", "XAU", False),
        ("currency", "XXX", False),
        ("account_id", "employer:", False),
        ("account_id", "employer:e1", False),
        ("account_id", "employer", True),
        ("account_id", "an employer:", True),
        ("account_id", "Employer:e1", True),
        ("customer_id", "employer:e1", True),
        ("event_id", "a\x1b[2J", False),
        ("event_id", "a\u202eb", False),
        ("event_id", "", False),
        ("event_id", "工资 é\U0001f600", True),
    ],
)
def test_reader_and_published_schema_agree(field: str, value: str, right: bool) -> None:
    event = TRANSFER | {field: value}
    assert isinstance(decode(encoded(event)), Transfer) is right
    assert Draft202012Validator(json_schemas()["transfer"]).is_valid(event) is right, (
        "the schema says otherwise"
    )


def test_the_currencies_are_codes_of_money_in_use() -> None:
    assert all(re.fullmatch("[A-Z]{3}", code) for code in CURRENCIES)
    assert {"CNY", "HKD", "TWD", "JPY", "USD", "EUR", "CZK", "XOF", "XCG"} <= CURRENCIES
    assert not {"RMB", "CNH", "DEM", "XAU", "XTS", "XXX"} & CURRENCIES, "no money, or no longer"
    assert 150 < len(CURRENCIES) < 180, "not the length of ISO's list"
