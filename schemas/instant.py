"""Instants: microseconds since 1970-01-01T00:00:00Z, written as RFC 3339 with an offset (J4).

An instant is an ``int`` everywhere inside the service: comparing, adding and packing
integers is exact and cheap, and no code can forget a time zone.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, PlainSerializer, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RFC3339: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-]\d{2}(?::?[0-5]\d)?)",
    re.ASCII,
)
# Far enough from datetime's own limits that no calendar arithmetic on a posting can overflow.
_FIRST: Final = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LAST: Final = (datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


_AN_INSTANT: Final = "an RFC 3339 instant with an offset, e.g. 2026-01-05T09:00:00+08:00"
_NOT_AN_INSTANT: Final = f"not {_AN_INSTANT}"
_REMEMBERED: Final = 100_000
_OFFSETS: Final = 100
_MINUTES: Final = {f"{minute // 60:02}:{minute % 60:02}": minute * MINUTE for minute in range(24 * 60)}
_SECONDS: Final = {f":{second:02}": second * SECOND for second in range(60)}
_days: dict[str, dict[str, int]] = {}
_texts: dict[int, str] = {}


def parse_instant(text: Any) -> int:
    """RFC 3339 text with an offset → microseconds since the epoch. The offset may lack its colon or its
    minutes, as Java and PostgreSQL write it: ``+0800``, ``+08``.

    Digits beyond the microsecond are cut off. Raises ``ValueError`` for anything else:
    a number, a naive time, a date alone, a year outside 1900 to 8999.
    """
    # Few days and offsets make up all the instants of a log: texts without a fraction are put together from
    # parts, each looked up among so few that they stay in the processor's cache.
    if not isinstance(text, str):
        raise ValueError(_NOT_AN_INSTANT)
    length = len(text)
    if length != 25 and length != 20 and ((length != 24 and length != 22) or text[19] == "."):
        return _parse(text)
    days = _days.get(text[19:])
    if days is not None:
        day, minute, second = days.get(text[:11]), _MINUTES.get(text[11:16]), _SECONDS.get(text[16:19])
        if day is not None and minute is not None and second is not None:
            return day + minute + second
    instant = _parse(text)
    if text[19] != ".":
        _remember(text, instant)
    return instant


def _parse(text: str) -> int:
    if _RFC3339.fullmatch(text) is None:
        raise ValueError(_NOT_AN_INSTANT)
    try:
        instant = from_datetime(datetime.fromisoformat(text.upper()))
    except ValueError as error:  # its message repeats the text
        raise ValueError(_NOT_AN_INSTANT) from error
    if not _FIRST <= instant < _LAST:
        raise ValueError("the year must be between 1900 and 8999, in UTC")
    return instant


def _remember(text: str, instant: int) -> None:
    day = instant - _MINUTES[text[11:16]] - _SECONDS[text[16:19]]
    if day >= _FIRST and day + DAY <= _LAST:  # or another time of that day might be out of bounds
        if len(_days) >= _OFFSETS or len(_days.get(text[19:], ())) >= _REMEMBERED:
            _days.clear()
        _days.setdefault(text[19:], {})[text[:11]] = day


def from_datetime(moment: datetime) -> int:
    """An aware datetime → microseconds since the epoch."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def to_datetime(instant: int) -> datetime:
    """Microseconds since the epoch → datetime in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


def format_instant(instant: int) -> str:
    """Microseconds since the epoch → ``2026-01-05T01:00:00Z``, with a fraction only if there is one."""
    second, fraction = divmod(instant, SECOND)
    text = _texts.get(second)
    if text is None:
        if len(_texts) >= _REMEMBERED:
            _texts.clear()
        text = _texts[second] = to_datetime(second * SECOND).isoformat()[:19]
    return f"{text}.{fraction:06d}Z" if fraction else text + "Z"


class _ParsedField:
    """Marks a field: text in JSON, parsed by ``parse``; the parsed form itself in Python."""

    def __init__(self, parse: Callable[[Any], Any], python: CoreSchema) -> None:
        self._parse = parse
        self._python = python

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_plain_validator_function(self._parse),
            python_schema=self._python,
        )


Instant = Annotated[
    int,
    _ParsedField(parse_instant, core_schema.int_schema(strict=True)),
    PlainSerializer(format_instant, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": f"{_AN_INSTANT}, in the years 1900 to 8999",
        }
    ),
]
"""A pydantic field: RFC 3339 text outside, microseconds since the epoch inside."""


def _parse_date(text: Any) -> date:
    if type(text) is not str or re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) is None:
        raise ValueError("not a date of the form 2026-01-05")
    return date.fromisoformat(text)


LocalDate = Annotated[
    date,
    _ParsedField(_parse_date, core_schema.date_schema(strict=True)),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date", "description": "a date of the form 2026-01-05"}),
]
"""A pydantic field: a date in the bank's time zone."""
