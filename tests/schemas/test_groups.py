"""The words of the groups log: what is read and written, and what a refusal says (A1)."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from schemas.dead import Reason, Rejection
from schemas.groups import Closed, Paid, Watermark, decode_group

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples" / "groups"
WORDS: dict[str, type[BaseModel]] = {
    "paid": Paid,
    "closed": Closed,
    "watermark": Watermark,
}
TOLD = ["paid", "closed", "watermark"]


def example(word: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{word}.json").read_text(encoding="utf-8"))
    return found


def refused(value: Any) -> Rejection:
    read = decode_group(value if value is None or isinstance(value, bytes) else json.dumps(value).encode())
    assert isinstance(read, Rejection), f"it was taken for {read}"
    return read


def test_there_is_one_example_of_every_word() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.json")} == set(WORDS)


@pytest.mark.parametrize("word", WORDS)
def test_what_is_written_is_the_example(word: str) -> None:
    parsed = WORDS[word].model_validate_json(json.dumps(example(word)))
    assert json.loads(parsed.model_dump_json(by_alias=True)) == example(word)


@pytest.mark.parametrize("word", TOLD)
def test_a_record_is_read_and_what_is_not_known_is_ignored(word: str) -> None:
    more = {**example(word), "specversion": "1.0"}
    assert type(decode_group(json.dumps(more).encode())) is WORDS[word]


@pytest.mark.parametrize("field", ["was", "now", "previous"])
def test_a_nullable_field_may_be_absent(field: str) -> None:
    without = {name: value for name, value in example("paid").items() if name != field}
    assert decode_group(json.dumps(without).encode()) == decode_group(
        json.dumps({**without, field: None}).encode()
    )


@pytest.mark.parametrize("word", TOLD)
def test_any_other_missing_field_is_bad_input_that_names_it(word: str) -> None:
    for field in set(example(word)) - {"was", "now", "previous", "product_count", "type"}:
        without = {name: value for name, value in example(word).items() if name != field}
        found = refused(without)
        assert found.reason == Reason.INVALID
        assert found.detail.startswith(f"{field}: "), found.detail


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.NULL_VALUE),
        (b"", Reason.MALFORMED),
        (b"{", Reason.MALFORMED),
        (b"[]", Reason.MALFORMED),
        (b"7", Reason.MALFORMED),
        (b'{"type":"paid","employer_id":"\\ud800"}', Reason.MALFORMED),
        (b"\xff", Reason.MALFORMED),
        (b" " * (64 * 1024 + 1), Reason.TOO_LARGE),
        (b"{}", Reason.UNKNOWN_TYPE),
        (b'{"type":null}', Reason.UNKNOWN_TYPE),
        (b'{"type":"tick"}', Reason.UNKNOWN_TYPE),
    ],
)
def test_what_is_no_record_at_all_says_so(value: bytes | None, reason: Reason) -> None:
    assert refused(value).reason == reason


@pytest.mark.parametrize(
    ("word", "changes"),
    [
        ("paid", {"count": 0}),
        ("paid", {"count": True}),
        ("paid", {"partition": 500}),
        ("paid", {"partition": -1}),
        ("paid", {"employer_id": ""}),
        ("paid", {"employer_id": "e" * 65}),
        ("paid", {"at": "2026-03-05T01:00:00"}),
        ("paid", {"now": {"payday": "2026-03-05", "amount": 0}}),
        ("paid", {"now": {"payday": "2026-03-05", "amount": 10**18 + 1}}),
        ("paid", {"now": {"payday": "2026-02-30", "amount": 1}}),
        ("paid", {"previous": "5 February"}),
        ("closed", {"class": "rich"}),
        ("closed", {"kept": -1}),
        ("closed", {"product_count": -1}),
        ("closed", {"newly_mover": 1}),
        ("watermark", {"partitions": 0}),
        ("watermark", {"partitions": 501}),
        ("watermark", {"closed": -1}),
    ],
)
def test_a_field_out_of_bounds_is_bad_input_that_names_it_and_not_its_value(
    word: str, changes: dict[str, Any]
) -> None:
    found = refused({**example(word), **changes})
    assert found.reason == Reason.INVALID
    assert found.detail.startswith(next(iter(changes)))
    assert "February" not in found.detail
