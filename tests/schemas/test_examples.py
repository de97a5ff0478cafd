"""Every published example is what the code reads and writes, and what the published schema says (O1, O2, O5)."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from schemas.decode import decode
from schemas.events import EventType
from schemas.export import WORDS, json_schemas

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
SCHEMAS = json_schemas()
OPTIONAL = {"payroll_credit": "branch_id", "transfer": "merchant", "task_event": "partner_id"}


def text(word: str) -> str:
    return (EXAMPLES / f"{word}.json").read_text(encoding="utf-8")


def example(word: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text(word))
    return loaded


def validator(word: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMAS[word], format_checker=FormatChecker(["date"]))


def test_there_is_one_example_of_every_word() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.json")} == set(WORDS)


@pytest.mark.parametrize("word", WORDS)
def test_an_example_parses_and_survives_being_written(word: str) -> None:
    model = WORDS[word].model
    parsed = model.model_validate_json(text(word))
    assert model.model_validate_json(parsed.model_dump_json()) == parsed


@pytest.mark.parametrize("word", [word for word in WORDS if WORDS[word].mode == "serialization"])
def test_what_we_write_is_written_exactly_like_the_example(word: str) -> None:
    parsed = WORDS[word].model.model_validate_json(text(word))
    assert json.loads(parsed.model_dump_json()) == example(word)


@pytest.mark.parametrize("word", WORDS)
def test_an_example_agrees_with_the_published_schema(word: str) -> None:
    validator(word).validate(example(word))


@pytest.mark.parametrize("word", WORDS)
def test_what_is_written_agrees_with_the_published_schema(word: str) -> None:
    parsed = WORDS[word].model.model_validate_json(text(word))
    validator(word).validate(json.loads(parsed.model_dump_json()))


@pytest.mark.parametrize("kind", EventType)
def test_an_event_decodes_by_field_and_by_header(kind: EventType) -> None:
    by_field = decode(text(kind.value).encode())
    untyped = {name: value for name, value in example(kind.value).items() if name != "type"}
    assert type(by_field) is WORDS[kind.value].model
    assert decode(json.dumps(untyped).encode(), kind.encode()) == by_field


@pytest.mark.parametrize("word", WORDS)
def test_a_missing_field_is_refused_by_model_and_schema_alike(word: str) -> None:
    for field in SCHEMAS[word].get("required", ()):
        without = {name: value for name, value in example(word).items() if name != field}
        assert not validator(word).is_valid(without), field
        # What we write names its fact, what has ended a task, what it says; our own reader does not insist.
        if field not in ("fact", "ended_by", "subject", "sentence"):
            with pytest.raises(ValidationError):
                WORDS[word].model.model_validate_json(json.dumps(without))


@pytest.mark.parametrize(("word", "field"), OPTIONAL.items())
def test_a_nullable_field_may_be_absent(word: str, field: str) -> None:
    without = {name: value for name, value in example(word).items() if name != field}
    null = {**without, field: None}
    for one in (without, null):
        validator(word).validate(one)
    model = WORDS[word].model
    assert model.model_validate_json(json.dumps(without)) == model.model_validate_json(json.dumps(null))


@pytest.mark.parametrize("kind", EventType)
def test_unknown_fields_of_an_event_are_ignored(kind: EventType) -> None:
    more = {**example(kind.value), "specversion": "1.0"}
    validator(kind.value).validate(more)
    assert decode(json.dumps(more).encode()) == decode(text(kind.value).encode())


def test_the_examples_tell_one_story() -> None:
    task, task_event, transfer = example("task"), example("task_event"), example("transfer")
    assert task["task_id"] == task_event["task_id"]
    assert task["reasons"][0]["event_id"] == transfer["event_id"]
    points = example("curve_point")["points"]
    assert example("account_cycle")["retained"] == [point["retained"] for point in points]
    about_accounts = ("task", "account_cycle", "outflow", "payroll_credit", "profile")
    assert {example(word)["account_id"] for word in about_accounts} == {transfer["account_id"]}
