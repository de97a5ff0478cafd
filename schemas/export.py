"""The words, published: JSON Schema of each, and an AsyncAPI 3 document of the topics (O5).

Both are generated from the models that parse and write, so they cannot say anything else than the
code does. What comes in is described as it is validated, what goes out as it is written.
"""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from schemas import topics
from schemas.dead import Reason
from schemas.events import MODELS, EventType
from schemas.facts.registry import FACTS
from schemas.playbook import Playbook
from schemas.strict import StrictModel
from schemas.tasks import Task

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI: Final = "3.0.0"
KAFKA_BINDING: Final = "0.5.0"
_LIMITS: Final = {"ge": "minimum", "le": "maximum"}
_REFS: Final = "#/components/schemas/{model}"
_Digits = Annotated[str, Field(pattern=r"^\d+$")]


class DeadLetterHeaders(StrictModel):
    """Where a refused record came from and why it was refused; UTF-8 text each. The record's key and
    bytes are unchanged. ``source``: topic,partition,offset in the type topic, if it came through one."""

    topic: str
    partition: _Digits
    offset: _Digits
    reason: Reason
    detail: str
    source: str | None = None


class JournalHeaders(StrictModel):
    """Headers of a journal record. ``type`` stands in for a missing ``type`` field, and must agree with
    one that is there; ``source``: topic,partition,offset of a record that the router appended."""

    type: str | None = None
    source: str | None = None


_OwnField = core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField


class _Generator(GenerateJsonSchema):
    """What we write is written in full, so that a subscriber may rely on every field."""

    def field_is_required(self, field: _OwnField, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)


class Published(NamedTuple):
    """A word: its model, and whether it is described as read (validation) or as written."""

    model: type[BaseModel]
    mode: Literal["validation", "serialization"]


WORDS: Final[dict[str, Published]] = {
    **{kind.value: Published(model, "validation") for kind, model in MODELS.items()},
    "task": Published(Task, "serialization"),
    **{name: Published(model, "serialization") for name, model in FACTS.items()},
    "dead_letter_headers": Published(DeadLetterHeaders, "validation"),
    "journal_headers": Published(JournalHeaders, "validation"),
    "playbook_file": Published(Playbook, "validation"),
}
"""Every published word, by the name of its schema file and of its example."""


class Topic(NamedTuple):
    """A topic as a channel: the words on it, what its key is, and who uses it how. ``received``: by us;
    ``sent``: by us."""

    channel: str
    words: tuple[str, ...]
    key: str | None
    about: str
    received: bool = False
    sent: bool = False
    headers: str | None = None


_ACCOUNT_KEY: Final = "The account_id. Partition by murmur2 of it, the Java client's default."
_ANY_KEY: Final = "The account_id, or none: these topics may be partitioned in any way."


def _of_type(topic: str, kind: EventType) -> Topic:
    first, *rest = topic.split(".")[1].split("-")
    about = cleandoc(MODELS[kind].__doc__ or "").partition("\n")[0]
    return Topic(first + "".join(map(str.capitalize, rest)), (kind.value,), _ANY_KEY, about, received=True)


CHANNELS: Final[dict[str, Topic]] = {
    topics.JOURNAL: Topic(
        "journal",
        tuple(kind.value for kind in EventType),
        f"{_ACCOUNT_KEY} Ticks, broadcasts and answers have no key.",
        "The one log that decides; its order is the order of truth.",
        received=True,
        sent=True,
        headers="journal_headers",
    ),
    **{topic: _of_type(topic, kind) for topic, kind in topics.TYPE_TOPICS.items()},
    topics.INTERVENTIONS: Topic(
        "interventions",
        ("task",),
        _ACCOUNT_KEY,
        "One event for every version of a task; read it with isolation.level=read_committed.",
        sent=True,
    ),
    topics.FACTS: Topic(
        "facts",
        tuple(FACTS),
        f"{_ACCOUNT_KEY} Facts about playbooks have no key.",
        "What is landed.",
        sent=True,
    ),
    topics.DEAD_LETTERS: Topic(
        "deadLetters",
        (),
        "The refused record's key.",
        "Refused records: the bytes as they were, where they came from and why in the headers.",
        sent=True,
        headers="dead_letter_headers",
    ),
}
"""Every topic, by its name."""


def json_schemas() -> dict[str, dict[str, Any]]:
    """A self-contained JSON Schema (draft 2020-12) for every word, by name."""
    return {
        name: {
            "$schema": DIALECT,
            "$id": f"urn:paytide:{name}:v1",
            **_standard(word.model.model_json_schema(mode=word.mode, schema_generator=_Generator)),
        }
        for name, word in WORDS.items()
    }


def asyncapi(version: str, examples: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The AsyncAPI 3 document. ``version``: of the service; ``examples``: a payload by word."""
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "Paytide",
            "version": version,
            "description": (
                "Detects payday outflow: events in, interventions and facts out. JSON in UTF-8. Money is an "
                "integer in minor units; instants are RFC 3339 with an offset. Unknown fields are ignored."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.channel: _channel(name, topic) for name, topic in CHANNELS.items()},
        "operations": _operations(),
        "components": {
            "messages": {
                name: message
                for topic in CHANNELS.values()
                for name, message in _messages(topic, examples or {}).items()
            },
            "schemas": _components(),
        },
    }


def _components() -> dict[str, Any]:
    models = [(word.model, word.mode) for word in WORDS.values()]
    _, together = models_json_schema(models, ref_template=_REFS, schema_generator=_Generator)
    schemas: dict[str, Any] = _standard(together["$defs"])
    return schemas


def _standard(schema: Any) -> Any:
    # Limits on a decimal come out under pydantic's own names, which strict validators refuse.
    if isinstance(schema, list):
        return [_standard(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        _LIMITS.get(name, name): _standard(value) for name, value in schema.items() if name != "max_digits"
    }


def _channel(name: str, topic: Topic) -> dict[str, Any]:
    messages = _messages(topic, {})
    return {
        "address": name,
        "description": topic.about,
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in messages},
        "bindings": {"kafka": {"topic": name, "bindingVersion": KAFKA_BINDING}},
    }


def _operations() -> dict[str, Any]:
    operations = {}
    for topic in CHANNELS.values():
        for action, wanted in (("receive", topic.received), ("send", topic.sent)):
            if wanted:
                operations[action + topic.channel[0].upper() + topic.channel[1:]] = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{topic.channel}"},
                }
    return operations


def _messages(topic: Topic, examples: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    # A message belongs to its channel: the same event has other headers and another key elsewhere.
    if not topic.words:
        return {topic.channel: _message(topic, None, examples)}
    return {f"{topic.channel}.{word}": _message(topic, word, examples) for word in topic.words}


def _message(topic: Topic, word: str | None, examples: Mapping[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": word or topic.channel,
        "bindings": {
            "kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": KAFKA_BINDING}
        },
    }
    if word is not None:
        message["payload"] = _ref(word)
        if word in examples:
            message["examples"] = [{"name": word, "payload": examples[word]}]
    else:
        message["payload"] = {"description": "The bytes of the refused record, whatever they are."}
        message["contentType"] = "application/octet-stream"
    if topic.headers is not None:
        message["headers"] = _ref(topic.headers)
    return message


def _ref(word: str) -> dict[str, str]:
    return {"$ref": _REFS.format(model=WORDS[word].model.__name__)}
