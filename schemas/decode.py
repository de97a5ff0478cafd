"""Bytes → events, strictly; what does not decode says why (J2, J3, X5, X8).

Decoding a record set one value after the other inside one call costs the same as one call on a
joined array (pydantic-core spends its time in the fields), and no value can spill into the next.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Protocol, cast, get_args

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from schemas.answers import EmployerAnswer
from schemas.broadcasts import Broadcast
from schemas.dead import Reason, Rejection
from schemas.events import MODELS, Event, Tick
from schemas.expected import sentence
from schemas.topics import MAX_VALUE_BYTES


class RawRecord(Protocol):
    """A record as the consumer hands it over (``aiokafka.ConsumerRecord`` is one). ``timestamp``: ms."""

    @property
    def key(self) -> bytes | None:
        """The record's key."""

    @property
    def value(self) -> bytes | None:
        """The record's value."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """The record's headers, in order; a name may come again, a value may be null."""

    @property
    def timestamp(self) -> int | None:
        """When the log took it, milliseconds."""


class Owned(Protocol):
    """An event of an account."""

    @property
    def account_id(self) -> str:
        """Whose it is."""
        ...


_ANY: Final[TypeAdapter[Event]] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
_MODELS: Final[dict[str, type[BaseModel]]] = {kind.value: model for kind, model in MODELS.items()}
_BY_TYPE: Final[dict[bytes, TypeAdapter[Any]]] = {
    name.encode(): TypeAdapter(model) for name, model in _MODELS.items()
}
KEYLESS: Final[frozenset[type]] = frozenset({Tick, *get_args(Broadcast), EmployerAnswer})
"""What belongs to a partition and not to an account."""
_TYPES: Final = ", ".join(_MODELS)
_UNTYPED: Final = frozenset({"union_tag_invalid", "union_tag_not_found"})
_NOT_AN_OBJECT: Final = frozenset({"model_type", "model_attributes_type", "dict_type"})
_POSITION: Final = re.compile(r"line \d+ column \d+", re.ASCII)
_NOT_JSON: Final = "not valid JSON; a value is one JSON object in UTF-8, without a byte order mark"


def decode(value: bytes | None, type_name: bytes | None = None) -> Event | Rejection:
    """One value → event, or why not. ``type_name`` (a header, or the type topic) stands in for the
    ``type`` field; where both are given they must agree."""
    if value is None:
        return Rejection(Reason.NULL_VALUE, "the value is null; an event is a JSON object")
    if len(value) > MAX_VALUE_BYTES:
        return Rejection(Reason.TOO_LARGE, f"the value has {len(value)} bytes, at most {MAX_VALUE_BYTES}")
    adapter = _ANY if type_name is None else _BY_TYPE.get(type_name)
    if adapter is None:
        return Rejection(Reason.UNKNOWN_TYPE, f"type header: must be one of {_TYPES}")
    try:
        event: Event = adapter.validator.validate_json(value)
    except ValidationError as error:
        return _why(error, type_name)
    except ValueError:  # text that pydantic-core cannot even report on
        return Rejection(Reason.MALFORMED, "not valid JSON text: half of a surrogate pair stands alone")
    return event


def decode_set(records: Iterable[RawRecord]) -> list[Event | Rejection]:
    """A whole record set, in order."""
    return [decode(record.value, type_header(record)) for record in records]


def type_header(record: RawRecord) -> bytes | None:
    """The first ``type`` header of a record that is not null, None if it has none."""
    for name, value in record.headers:
        if name == "type" and value is not None:
            return value
    return None


def check_key(
    key: bytes | None, event: Owned | Tick | Broadcast | EmployerAnswer, *, may_be_null: bool = False
) -> Rejection | None:
    """Whether the record key is the event's account_id, as the journal demands. A type topic may be
    partitioned in any way, so there a record may have no key (``may_be_null``)."""
    if type(event) in KEYLESS:
        return None
    if key is None and may_be_null:
        return None
    if not key:
        return Rejection(Reason.EMPTY_KEY, "the record has no key; it must be the account_id")
    if key != cast(Owned, event).account_id.encode():
        return Rejection(Reason.KEY_MISMATCH, "the record's key must be the account_id, as UTF-8 text")
    return None


def _why(error: ValidationError, type_name: bytes | None) -> Rejection:
    first = error.errors(include_url=False)[0]
    kind, loc = first["type"], first["loc"]
    if kind == "json_invalid":
        position = _POSITION.search(first["msg"])
        return Rejection(Reason.MALFORMED, _NOT_JSON if position is None else f"{position[0]}: {_NOT_JSON}")
    if not loc and kind in _NOT_AN_OBJECT:
        return Rejection(Reason.MALFORMED, "not a JSON object")
    if kind in _UNTYPED:
        return Rejection(Reason.UNKNOWN_TYPE, f"type: must be one of {_TYPES}, in the value or a header")
    if type_name is None:  # the place begins with the type
        return Rejection(Reason.INVALID, sentence(_MODELS[str(loc[0])], first, loc[1:]))
    return Rejection(Reason.INVALID, sentence(_MODELS[type_name.decode()], first, loc))
