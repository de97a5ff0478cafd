"""Keys, headers, and record sets: what stands around a value (J2)."""

from typing import NamedTuple

import pytest

from schemas.dead import Reason, Rejection
from schemas.decode import check_key, decode, decode_set, type_header
from tests.schemas.test_decode import ALL, TICK, TRANSFER, encoded


class Record(NamedTuple):
    value: bytes | None
    key: bytes | None = b"SECRET-ACCOUNT"
    headers: tuple[tuple[str, bytes | None], ...] = ()
    timestamp: int | None = None


@pytest.mark.parametrize("name", ALL)
def test_ticks_broadcasts_and_answers_need_no_key_and_the_others_their_account_s(name: str) -> None:
    event = decode(encoded(ALL[name][0]))
    assert not isinstance(event, Rejection)
    keyless = name in {"tick", "playbook", "calendar", "live", "employer"}

    def reason(key: bytes | None, **more: bool) -> Reason | None:
        wrong = check_key(key, event, **more)
        return None if wrong is None else wrong.reason

    assert reason(b"SECRET-ACCOUNT") is None
    assert reason(None) == (None if keyless else Reason.EMPTY_KEY)
    assert reason(b"") == (None if keyless else Reason.EMPTY_KEY)
    assert reason(b"SECRET-ACCOUNTS") == (None if keyless else Reason.KEY_MISMATCH)
    assert reason(b"secret-account") == (None if keyless else Reason.KEY_MISMATCH)
    assert reason(b"\xff") == (None if keyless else Reason.KEY_MISMATCH)
    assert reason(None, may_be_null=True) is None, "a type topic may be partitioned in any way"
    assert reason(b"", may_be_null=True) == (None if keyless else Reason.EMPTY_KEY)


def test_the_key_is_utf_8() -> None:
    event = decode(encoded(TRANSFER | {"account_id": "é"}))
    assert not isinstance(event, Rejection)
    assert check_key("é".encode(), event) is None
    assert check_key("é".encode("latin-1"), event) is not None


def test_cloudevents_headers_are_ignored() -> None:
    record = Record(encoded(TICK), headers=(("ce_type", b"transfer"), ("content-type", b"x"), ("Type", b"y")))
    assert type_header(record) is None
    assert type_header(record._replace(headers=(("ce_id", b"1"), ("type", b"a"), ("type", b"b")))) == b"a"


def test_a_header_that_is_null_is_ignored_and_a_null_type_is_none() -> None:
    record = Record(encoded(TICK), headers=(("traceparent", None), ("type", None), ("", None)))
    assert type_header(record) is None
    assert decode_set([record]) == [decode(encoded(TICK))]
    assert type_header(record._replace(headers=(("type", None), ("x", None), ("type", b"a")))) == b"a"


def test_a_set_is_decoded_in_order_and_no_value_spills_into_the_next() -> None:
    records = [
        Record(encoded(TICK)),
        Record(b"{"),
        Record(None),
        Record(encoded(TICK) + b"," + encoded(TICK)),
        Record(encoded({"instant": TICK["instant"]}), headers=(("type", b"tick"),)),
    ]
    results = decode_set(records)
    assert [one.reason if isinstance(one, Rejection) else one.type for one in results] == [
        "tick",
        Reason.MALFORMED,
        Reason.NULL_VALUE,
        Reason.MALFORMED,
        "tick",
    ]
