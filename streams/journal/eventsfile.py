"""Events files: one JSON line a record, in log order (O6, X3).

``{"topic": …, "key": …, "value": {…}}``; an exported journal adds ``partition``, ``partitions``,
``offset`` and ``timestamp`` (ms), and where a value is not a JSON object of its own type, its bytes
as ``raw`` (base64) with the ``type`` header beside it, so that a replay sees what the worker saw. What one of our own
folds wrote says which in ``by``, as its header does.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from typing import Final

import msgspec

from schemas.dead import Reason, Rejection
from schemas.decode import type_header
from schemas.events import EventType
from schemas.groups import GROUPS
from schemas.instant import parse_instant
from schemas.topics import JOURNAL, MAX_VALUE_BYTES, TYPE_TOPICS


class Line(msgspec.Struct):
    """A record of an events file; it reads like a consumer's record."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()
    timestamp: int | None = None
    partition: int | None = None
    partitions: int | None = None
    offset: int | None = None


class _ParsedLine(msgspec.Struct):
    topic: str
    key: str | None = None
    value: msgspec.Raw = msgspec.Raw(b"")
    raw: str | None = None
    raw_key: str | None = None
    type: str | None = None
    by: str | None = None
    partition: int | None = None
    partitions: int | None = None
    offset: int | None = None
    timestamp: int | str | None = None


_PARSER: Final = msgspec.json.Decoder(_ParsedLine)
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TYPES: Final = frozenset(kind.encode() for kind in EventType)
OWN: Final = {JOURNAL: ("by", b"coordinator"), GROUPS: ("by", b"detector")}
"""The header of what one of our own folds wrote to a log: the machine's that folds the other one."""
_SPACES: Final = bytes.maketrans(b"\r\n", b"  ")


def parse_line(text: bytes) -> Line | Rejection:
    """One line → record. A line that is not of this form is a malformed record, not the end of the file."""
    try:
        parsed = _PARSER.decode(text)
        key = b64decode(parsed.raw_key, validate=True) if parsed.raw_key is not None else _encoded(parsed.key)
        value = (
            b64decode(parsed.raw, validate=True) if parsed.raw is not None else _value(bytes(parsed.value))
        )
        timestamp = _milliseconds(parsed.timestamp)
    except (Base64Error, ValueError, RecursionError):
        return Rejection(Reason.MALFORMED, "not an events file line")
    return Line(
        parsed.topic,
        key,
        value,
        tuple(
            (name, text.encode())
            for name, text in (("type", parsed.type), ("by", parsed.by))
            if text is not None
        ),
        timestamp,
        parsed.partition,
        parsed.partitions,
        parsed.offset,
    )


def is_own(line: Line) -> bool:
    """Whether one of our own folds wrote a record, and a fold over the file says it again (F2)."""
    # An answer has no key; a producer's record may have any header (J3).
    return OWN.get(line.topic) in line.headers and (line.topic != JOURNAL or not line.key)


def type_of_topic(topic: str) -> bytes | Rejection | None:
    """The type a topic implies: none for the journal, a rejection for a topic we do not read."""
    if topic == JOURNAL:
        return None
    known = TYPE_TOPICS.get(topic)
    return known.encode() if known is not None else Rejection(Reason.UNKNOWN_TYPE, "topic")


def format_line(line: Line) -> bytes:
    """A record of a log → a line, without the line end; exact: parsing it gives the same bytes
    to the decoder, or bytes that decode to the same event."""
    fields: dict[str, object] = {"topic": line.topic}
    for name in ("partition", "partitions", "offset", "timestamp"):
        if (number := getattr(line, name)) is not None:
            fields[name] = number
    try:
        fields["key"] = None if line.key is None else line.key.decode()
    except UnicodeDecodeError:
        fields["raw_key"] = b64encode(line.key or b"").decode()
    by = next((value for name, value in line.headers if name == "by" and value is not None), None)
    if by is not None:
        fields["by"] = by.decode(errors="replace")
    type_name = type_header(line)
    value = _spliced(line.value, type_name)
    if value is not None:
        fields["value"] = msgspec.Raw(value)
    elif line.value is not None:
        fields["raw"] = b64encode(line.value).decode()
        if type_name is not None:
            fields["type"] = type_name.decode(errors="replace")
    return msgspec.json.encode(fields)


def _spliced(value: bytes | None, type_name: bytes | None) -> bytes | None:
    # The bytes as they are, with the type written in; None if that would not mean the same.
    if value is None:
        return b"null"
    try:
        value.decode()
        fields = _OBJECT.decode(value)
    except (ValueError, RecursionError):
        return None
    spliced = value.translate(_SPACES)
    if type_name is not None and "type" in fields:
        if bytes(fields["type"]) != b'"' + type_name + b'"':
            return None
    elif type_name is not None:
        if type_name not in _TYPES:
            return None
        spliced = b'{"type":"' + type_name + b'"' + (b"," if fields else b"") + spliced.lstrip()[1:]
    # Near the limit a few bytes more or less would decide.
    return spliced if max(len(value), len(spliced)) <= MAX_VALUE_BYTES else None


def _milliseconds(timestamp: int | str | None) -> int | None:
    # We write milliseconds; a file from elsewhere may have them as RFC 3339.
    return parse_instant(timestamp) // 1_000 if isinstance(timestamp, str) else timestamp


def _encoded(key: str | None) -> bytes | None:
    return None if key is None else key.encode()


def _value(raw: bytes) -> bytes | None:
    return None if raw in (b"", b"null") else raw
