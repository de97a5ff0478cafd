"""Dead letters: the table and the row (O3, O4)."""

from typing import Any, Final

from streams.fast.rows import LandedRow, NotLandable, SetAsideReason, Table
from streams.landing.landed import Incoming, instant_of

TABLE: Final = Table(
    "dead_letter",
    (
        *("topic", "partition", "offset", "reason", "detail", "value", "size", "recorded_at"),
        *("landed_partition", "landed_offset", "version"),
    ),
)


def rows(record: Incoming) -> list[LandedRow]:
    """One row a letter, known by where the refused record lay."""
    try:
        headers: dict[str, Any] = dict(record.headers)
        source = (headers["topic"].decode(), int(headers["partition"]), int(headers["offset"]))
        why = (headers["reason"].decode(), headers["detail"].decode())
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        detail = "topic, partition, offset, reason and detail are not all there, as text and numbers"
        raise NotLandable(SetAsideReason.HEADERS, detail) from error
    values = (
        *(*source, *why, record.value, len(record.value or b""), instant_of(record.timestamp)),
        *(record.partition, record.offset, record.offset),
    )
    return [LandedRow(TABLE.name, values)]
