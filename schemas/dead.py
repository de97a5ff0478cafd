"""Why a record was refused: one typed reason a dead letter (DESIGN 2, 3, 6)."""

from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """The reasons, as they stand in the dead letter's ``reason`` header and the counters."""

    NULL_VALUE = "null_value"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    UNKNOWN_TYPE = "unknown_type"
    INVALID = "invalid"
    EMPTY_KEY = "empty_key"
    KEY_MISMATCH = "key_mismatch"
    WRONG_PARTITION = "wrong_partition"
    FUTURE_TIMESTAMP = "future_timestamp"
    TOO_LATE = "too_late"
    CURRENCY_MISMATCH = "currency_mismatch"


class Rejection(NamedTuple):
    """A record that cannot be applied: the reason, and which field it was (never its value: PII)."""

    reason: Reason
    detail: str
