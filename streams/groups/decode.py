"""The coordinator's reading of the groups log: the words of ``schemas.groups``, most of them by msgspec.

As for postings (``streams.fast.decode``): what msgspec might read more kindly than pydantic does, and all that it
refuses, is left to pydantic, which says why.
"""

from typing import Final

import msgspec

from schemas.dead import Rejection
from schemas.groups import GroupRecord, decode_group
from schemas.instant import parse_instant
from streams.fast.groups import FastClosed, FastPaid, FastWatermark

SHORT: Final = 600
"""Bytes. Our own records are shorter, and in so few there is no room for nesting that either reader minds."""

FastGroupRecord = FastPaid | FastClosed | FastWatermark
_READ: Final = msgspec.json.Decoder(FastPaid | FastClosed | FastWatermark).decode


def read_group_record(value: bytes | None) -> GroupRecord | FastGroupRecord | Rejection:
    """Like ``schemas.groups.decode_group``, to the same acceptance, the same meaning and the same reasons."""
    # In ASCII a control character has no other way into a text than an escape or DEL.
    if value is not None and len(value) <= SHORT and value.isascii() and not _may_hide(value):
        try:
            return _timed(_READ(value))
        except ValueError:  # msgspec's errors are such, too; pydantic will say what is wrong
            pass
    return decode_group(value)


def _may_hide(value: bytes) -> bool:
    return b"\\" in value or b"\x7f" in value


def _timed(record: FastGroupRecord) -> FastGroupRecord:
    if record.type == "watermark":
        record.instant = parse_instant(record.instant)
    else:
        record.at = parse_instant(record.at)
    return record
