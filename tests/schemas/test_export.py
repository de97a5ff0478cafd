"""The published schemas cover every word and every topic, and every reference leads somewhere (O5)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas import topics
from schemas.dead import Reason
from schemas.events import EventType
from schemas.export import CHANNELS, WORDS, asyncapi, json_schemas
from schemas.facts import AccountFact, CycleFact, Fact
from schemas.facts.registry import FACTS

DOCUMENT = asyncapi("1.2.3", {"tick": {"instant": "2026-01-05T01:00:00Z"}})
MESSAGES = DOCUMENT["components"]["messages"]


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolve(reference: str, document: dict[str, Any]) -> Any:
    assert reference.startswith("#/"), reference
    node: Any = document
    for part in reference[2:].split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


@pytest.mark.parametrize(("word", "schema"), json_schemas().items())
def test_a_schema_is_valid_and_stands_alone(word: str, schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:paytide:{word}:v1"
    for reference in references(schema):
        resolve(reference, schema)


def test_every_event_and_every_fact_is_published() -> None:
    assert {kind.value for kind in EventType} <= set(WORDS)
    bases = (Fact, AccountFact, CycleFact)
    words = {word for base in bases for word in base.__subclasses__()} - set(bases)
    assert words == set(FACTS.values()) <= {word.model for word in WORDS.values()}
    assert len(words) >= 4, "the registry of facts finds nothing"


def test_limits_are_published_under_their_standard_names() -> None:
    share = json_schemas()["playbook_file"]["$defs"]["Flags"]["properties"]["single_share"]
    assert (share["minimum"], share["maximum"]) == (0, 1)
    assert not {"ge", "le", "max_digits"} & share.keys()
    money = json_schemas()["payroll_credit"]["properties"]["amount"]
    assert (money["minimum"], money["maximum"], money["type"]) == (1, 10**15, "integer")


def test_what_we_write_is_written_in_full() -> None:
    for name in ("task", *FACTS):
        schema = json_schemas()[name]
        assert set(schema["required"]) == set(schema["properties"]), name
    assert "class" in json_schemas()["account_cycle"]["properties"]


def test_dead_letters_name_every_reason() -> None:
    schema = json_schemas()["dead_letter_headers"]
    assert set(schema["$defs"]["Reason"]["enum"]) == {reason.value for reason in Reason}
    assert set(schema["required"]) == {"topic", "partition", "offset", "reason", "detail"}


def test_the_document_is_what_asyncapi_3_asks_for() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    assert DOCUMENT["info"]["version"] == "1.2.3"
    for channel in DOCUMENT["channels"].values():
        assert isinstance(channel["address"], str)
        assert channel["messages"]
        assert channel["bindings"]["kafka"]["topic"] == channel["address"]
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in ("send", "receive")
        assert resolve(operation["channel"]["$ref"], DOCUMENT) in DOCUMENT["channels"].values()
    for message in MESSAGES.values():
        assert "payload" in message
        assert message["bindings"]["kafka"]["key"]["type"] == "string"
    json.dumps(DOCUMENT)


def test_every_reference_leads_somewhere() -> None:
    found = list(references(DOCUMENT))
    assert found
    for reference in found:
        resolve(reference, DOCUMENT)


def test_every_topic_is_a_channel() -> None:
    strings = {value for value in vars(topics).values() if isinstance(value, str)}
    names = {value for value in strings if value.startswith("payday.")}
    assert {channel["address"] for channel in DOCUMENT["channels"].values()} == names == set(CHANNELS)


def test_a_type_topic_carries_its_type_and_the_journal_every_type() -> None:
    for topic, kind in topics.TYPE_TOPICS.items():
        assert CHANNELS[topic].words == (kind.value,)
    assert set(CHANNELS[topics.JOURNAL].words) == {kind.value for kind in EventType}


def test_we_receive_events_and_send_what_comes_of_them() -> None:
    actions: dict[str, set[str]] = {}
    for operation in DOCUMENT["operations"].values():
        address = resolve(operation["channel"]["$ref"], DOCUMENT)["address"]
        actions.setdefault(address, set()).add(operation["action"])
    assert actions.pop(topics.JOURNAL) == {"receive", "send"}
    for address, done in actions.items():
        assert done == ({"receive"} if address in topics.TYPE_TOPICS else {"send"}), address


def test_examples_are_shown_with_their_messages() -> None:
    assert MESSAGES["journal.tick"]["examples"][0]["payload"] == {"instant": "2026-01-05T01:00:00Z"}
    assert "examples" not in MESSAGES["interventions.task"]
