"""What the landing works with: a record as it was read, and its row where it cannot be landed.

A record that cannot be landed is set aside: it becomes a row of the table ``set_aside``, which says where
the record lies and why, and everything else goes on. Nothing in a record may stop the landing.
"""

from typing import Final, NamedTuple

from schemas.topics import MAX_VALUE_BYTES
from streams.fast.rows import FIRST_INSTANT, LAST_INSTANT, LandedRow, SetAsideReason, Table

SET_ASIDE: Final = "set_aside"
SET_ASIDE_COLUMNS: Final = (
    *("topic", "partition", "offset", "reason", "detail", "value", "size", "recorded_at"),
)
TABLE: Final = Table(SET_ASIDE, SET_ASIDE_COLUMNS)
KEPT_BYTES: Final = 2 * MAX_VALUE_BYTES
"""How much of a value is kept aside: as much as a dead letter may have."""


class Incoming(NamedTuple):
    """A record as read: value bytes, where it stood, its timestamp in milliseconds, its headers."""

    value: bytes | None
    partition: int
    offset: int
    timestamp: int
    headers: tuple[tuple[str, bytes | None], ...] = ()


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
