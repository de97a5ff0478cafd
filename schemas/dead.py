"""Why a record was refused: one typed reason a dead letter (O3)."""

from enum import StrEnum
from typing import NamedTuple, final


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

    @property
    def is_schema_fault(self) -> bool:
        """Whether the producer writes what does not fit the published schema, so that much more of it will
        follow; otherwise the record is well formed, and only its moment or its account is wrong."""
        return self not in (Reason.FUTURE_TIMESTAMP, Reason.TOO_LATE, Reason.CURRENCY_MISMATCH)


@final
class Rejection(NamedTuple):
    """A record that cannot be applied: the reason, and in at most 200 characters which field it was and
    how to mend it (never its value: PII)."""

    reason: Reason
    detail: str
