"""A rejection never repeats what stood in the record: it may be personal data (DESIGN 8.8)."""

import re
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.dead import Reason, Rejection
from schemas.decode import decode
from tests.schemas.test_decode import ALL, PROFILE, TRANSFER, encoded

# A detail is made of field names and kinds of error, nothing else.
WORDS = re.compile(
    r"[a-z_0-9. :]*|\d+ bytes, at most 65536|not (valid JSON|a JSON object|valid JSON text)", re.ASCII
)
SCHEMA_NAMES = {name for value, _ in ALL.values() for name in value} | {
    *TRANSFER["counterparty"],  # type: ignore[misc]
    *TRANSFER["merchant"],  # type: ignore[misc]
    *PROFILE["consent"],  # type: ignore[misc]
    "on",
}


def spoilt(text: str) -> list[Callable[[dict[str, Any]], Any]]:
    return [
        lambda value: value | {field: text for field in value if field != "type"},
        lambda value: value | {text: text, "amount": text},
        lambda value: value | {"type": text},
        lambda value: value | {"counterparty": {text: text}, "kind": text},
        lambda value: value | {"maturities": [{text: text}], "consent": {text: text}},
        lambda value: [text],
        lambda value: text,
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([value for value, _ in ALL.values()]),
    st.text(min_size=1, max_size=20).map(lambda text: f"SECRET{text}"),
    st.integers(0, len(spoilt("")) - 1),
    st.sampled_from([None, b"transfer", b"profile", b"SECRET"]),
)
def test_a_detail_never_says_what_stood_in_the_record(
    value: dict[str, Any], text: str, how: int, type_name: bytes | None
) -> None:
    result = decode(encoded(spoilt(text)[how](value)), type_name)
    if not isinstance(result, Rejection):
        return
    assert "SECRET" not in result.detail, "a value, or a field name of the producer's, is in the detail"
    assert WORDS.fullmatch(result.detail), f"not made of our own words: {result.detail!r}"
    if result.reason == Reason.INVALID:
        place, _, kind = result.detail.partition(": ")
        assert kind, "the detail does not say what is wrong"
        assert {part for part in place.split(".") if not part.isdigit()} <= SCHEMA_NAMES


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.none() | st.sampled_from([*map(str.encode, ALL)]) | st.binary(max_size=5))
def test_any_bytes_are_an_event_or_a_rejection(value: bytes, type_name: bytes | None) -> None:
    result = decode(value, type_name)
    assert isinstance(result, (Rejection, *(kind for _, kind in ALL.values())))
