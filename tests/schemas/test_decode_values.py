"""Values that are no event whatever their fields say: none, too large, no JSON object, of no known type (J3, X5)."""

from typing import Any

import pytest

from schemas.dead import Reason, Rejection
from schemas.decode import decode
from schemas.events import Tick
from schemas.topics import MAX_VALUE_BYTES
from tests.schemas.test_decode import TICK, TRANSFER, encoded, why


def test_a_null_value_is_its_own_reason() -> None:
    for name in (None, b"transfer", b"unknown"):
        result = decode(None, name)
        assert isinstance(result, Rejection)
        assert result.reason == Reason.NULL_VALUE


@pytest.mark.parametrize("extra", [0, 1])
def test_a_value_is_at_most_64_kib(extra: int) -> None:
    padded = TICK | {"x": "y" * (65_536 + extra - len(encoded(TICK | {"x": ""})))}
    assert len(encoded(padded)) == MAX_VALUE_BYTES + extra
    if extra:
        assert why(padded).reason == Reason.TOO_LARGE
    else:
        assert isinstance(decode(encoded(padded)), Tick)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b" ",
        b"{",
        encoded(TRANSFER)[:-1],
        encoded(TRANSFER)[:40],
        encoded(TRANSFER) + b"}",
        encoded(TRANSFER) * 2,
        b"\xff\xfe",
        b'{"type":"tick","instant":"\xff"}',
        b'{"type":"tick","instant":"\\ud800"}',
        b'{"type":"tick","instant":"a\nb"}',
        b"\xef\xbb\xbf" + encoded(TICK),
        encoded(TICK).decode().encode("utf-16"),
        b"null",
        b"7",
        b'"tick"',
        b"true",
        b"[]",
        b"[" * 30_000 + b"]" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"'tick'",
    ],
)
@pytest.mark.parametrize("type_name", [None, b"tick"])
def test_what_is_no_json_object_is_malformed(value: bytes, type_name: bytes | None) -> None:
    assert why(value, type_name).reason == Reason.MALFORMED


@pytest.mark.parametrize(
    "value", [{}, {"type": "ticks"}, {"type": ""}, {"type": None}, {"type": 7}, {"type": ["tick"]}]
)
def test_a_type_nobody_knows_is_its_own_reason(value: Any) -> None:
    assert why(value).reason == Reason.UNKNOWN_TYPE


@pytest.mark.parametrize("name", [b"", b"ticks", b"TICK", b"\xff", b"tick ", b"playbook\x00"])
def test_a_type_header_nobody_knows_is_too(name: bytes) -> None:
    assert why(TICK, name).reason == Reason.UNKNOWN_TYPE
