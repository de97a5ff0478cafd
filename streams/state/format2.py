"""Format 2 of an account's state, read for good: one MessagePack array of ten.

[2, due, account_id, currency, last_at, pending, cycle, history, alerts, profile]. Its elements are, byte for byte,
what the parts of format 3 hold, so they are handed on without being decoded.
"""

import struct
from typing import Final

import msgspec

from streams.state import parts

FORMAT: Final = 2
_ARRAY: Final = 0x9A
"""MessagePack's mark of an array of ten."""
_ARRAY_OF_FOUR: Final = b"\x94"
_NONE: Final = b"\xc0"
_EMPTY: Final = b"\x90"
_UINT64: Final = 0xCF
_DUE: Final = struct.Struct(">Q")
_Raw = msgspec.Raw
_DECODER: Final = msgspec.msgpack.Decoder(tuple[int, int, _Raw, _Raw, _Raw, _Raw, _Raw, _Raw, _Raw, _Raw])


def is_format_2(value: bytes) -> bool:
    """Whether a value of the table is an account in format 2."""
    return value[0] == _ARRAY and value[1] == FORMAT


def parts_in(value: bytes) -> list[tuple[int, bytes]]:
    """The parts of an account in format 2: number and payload."""
    _, _, _, currency, last_at, pending, cycle, history, alerts, profile = _DECODER.decode(value)
    ledger = _ARRAY_OF_FOUR + bytes(currency) + bytes(last_at) + bytes(pending) + bytes(cycle)
    found = [(parts.LEDGER, ledger)]
    for number, raw in ((parts.HISTORY, history), (parts.ALERTS, alerts), (parts.PROFILE, profile)):
        payload = bytes(raw)
        if payload not in (_NONE, _EMPTY):
            found.append((number, payload))
    return found


def deadline_of(value: bytes) -> int:
    """The next deadline in a value of format 2 (microseconds)."""
    if value[2] == _UINT64:
        return int(_DUE.unpack_from(value, 3)[0])
    due: int = _DECODER.decode(value)[1]  # an instant before 1970-01-01T01:12
    return due
