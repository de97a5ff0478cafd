"""What the landing works with: a record as it was read, a row, and why a record becomes none.

A record that cannot be landed is set aside: it becomes a row of the table ``set_aside``, which says where
the record lies and why, and everything else goes on. Nothing in a record may stop the landing.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from schemas.instant import parse_instant
from schemas.topics import MAX_VALUE_BYTES

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2299
"""The years that ClickHouse's ``Date32`` and ``DateTime64`` hold; the rules allow days up to 8999."""
FIRST_INSTANT: Final = parse_instant(f"{FIRST_YEAR}-01-01T00:00:00Z")
LAST_INSTANT: Final = parse_instant(f"{LAST_YEAR}-12-31T23:59:59.999999Z")

SET_ASIDE: Final = "set_aside"
SET_ASIDE_COLUMNS: Final = (
    *("topic", "partition", "offset", "reason", "detail", "value", "size", "recorded_at"),
)
KEPT_BYTES: Final = 2 * MAX_VALUE_BYTES
"""How much of a value is kept aside: as much as a dead letter may have."""


class SetAsideReason(StrEnum):
    """Why a record was set aside, as it stands in the table and in the metric."""

    NULL_VALUE = "null_value"
    MALFORMED = "malformed"
    UNKNOWN_KIND = "unknown_kind"
    INVALID = "invalid"
    HEADERS = "headers"
    OUT_OF_RANGE = "out_of_range"
    REFUSED = "refused"


class NotLandable(ValueError):
    """A record that becomes no row: the reason, and a detail without any value (personal data)."""

    def __init__(self, reason: SetAsideReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Incoming(NamedTuple):
    """A record as read: value bytes, where it stood, its timestamp in milliseconds, its headers."""

    value: bytes | None
    partition: int
    offset: int
    timestamp: int
    headers: tuple[tuple[str, bytes | None], ...] = ()


class LandedRow(NamedTuple):
    """One row for ``table``: values in the order of its columns; instants in microseconds."""

    table: str
    values: tuple[object, ...]


def set_aside(topic: str, record: Incoming, reason: SetAsideReason, detail: str) -> LandedRow:
    """The row of a record that cannot be landed; its value is cut at ``KEPT_BYTES``, ``size`` is the whole."""
    value = record.value
    kept = None if value is None else value[:KEPT_BYTES]
    where = (topic, record.partition, record.offset)
    return LandedRow(
        SET_ASIDE,
        (*where, reason.value, detail, kept, len(value or b""), instant_of(record.timestamp)),
    )


def instant_of(timestamp: int) -> int:
    """A record's timestamp (ms) in microseconds; producers write anything, so the nearest that a column holds."""
    return min(max(timestamp * 1000, FIRST_INSTANT), LAST_INSTANT)
