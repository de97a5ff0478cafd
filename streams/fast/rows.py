"""What a published word lands as: tables, rows, what their columns hold, and why a record becomes no row."""

from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from schemas.instant import parse_instant

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2299
"""The years that ClickHouse's ``Date32`` and ``DateTime64`` hold; the rules allow days up to 8999."""
FIRST_INSTANT: Final = parse_instant(f"{FIRST_YEAR}-01-01T00:00:00Z")
LAST_INSTANT: Final = parse_instant(f"{LAST_YEAR}-12-31T23:59:59.999999Z")


class Table(NamedTuple):
    """A landed table: the columns in the order of a row's values; ``year_of``: the column whose year
    partitions it (``deploy/clickhouse``), None if it is not partitioned."""

    name: str
    columns: tuple[str, ...]
    year_of: str | None = None


class LandedRow(NamedTuple):
    """One row for ``table``: values in the order of its columns; instants in microseconds."""

    table: str
    values: tuple[object, ...]


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


def day(field: str, on: date) -> date:
    """A local day that a column holds. Raises ``NotLandable``."""
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise NotLandable(SetAsideReason.OUT_OF_RANGE, f"{field}: years {FIRST_YEAR} to {LAST_YEAR} fit")
    return on


def instant(field: str, text: str) -> int:
    """RFC 3339 → microseconds that a column holds. Raises ``NotLandable``."""
    try:
        at = parse_instant(text)
    except ValueError as error:
        raise NotLandable(SetAsideReason.INVALID, f"{field}: not an RFC 3339 instant") from error
    if at > LAST_INSTANT:
        raise NotLandable(SetAsideReason.OUT_OF_RANGE, f"{field}: years {FIRST_YEAR} to {LAST_YEAR} fit")
    return at


def instant_or_none(field: str, text: str | None) -> int | None:
    """As :func:`instant`; None for none. Raises ``NotLandable``."""
    return None if text is None else instant(field, text)
