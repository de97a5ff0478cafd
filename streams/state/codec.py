"""An account ↔ one compact, versioned value of the table, decoded only when it is touched.

Format 3: the format (one byte), the next deadline (eight bytes, signed, big-endian, microseconds; ``NEVER`` for none),
then the parts that the account has (see ``parts``). The deadline stands in front, so that the index of deadlines is
rebuilt after a recovery without decoding an account. The account's id is the value's key, and not written again.

Format 2 is read, and written anew as format 3 once the account is touched.
"""

import struct
from typing import Final

from streams.state import envelope, format2
from streams.state.account import Account
from streams.state.parts import BY_NUMBER, PARTS

FORMAT: Final = 3
_HEAD: Final = struct.Struct(">Bq")
_HEAD_BYTES: Final = 9
_pack_head: Final = _HEAD.pack
_ARRAYS: Final = range(0x90, 0xA0)
"""MessagePack's marks of a short array, with which earlier formats began; the format followed."""


def encode(account: Account) -> bytes:
    """An account → bytes for the table."""
    pieces = [_pack_head(FORMAT, account.due)]
    for part in PARTS:
        payload = part.write(account)
        length = len(payload)
        if length > 0:
            pieces.append(envelope.head_of(part.number, length))
            pieces.append(payload)
    return b"".join(pieces)


def decode(key: bytes, value: bytes) -> Account:
    """Key and value of the table → account. Raises ``StateFormatError`` for what another version wrote."""
    if value[0] == FORMAT:
        parts = envelope.parts_in(value, _HEAD_BYTES)
    elif format2.is_format_2(value):
        parts = format2.parts_in(value)
    else:
        raise _unknown_format(value)
    account = Account(key.decode())
    account.due = deadline_of(value)
    for number, payload in parts:
        part = BY_NUMBER.get(number)
        if part is None:
            raise envelope.unknown("account state", f"a part {number}", f"parts up to {PARTS[-1].number}")
        part.read(account, payload)
    return account


def deadline_of(value: bytes) -> int:
    """The next deadline in a value of the table (microseconds, ``NEVER`` for none)."""
    if value[0] == FORMAT:
        if value[1] == 0:  # an instant of the years 1970 to 4253: struct takes ten times as long
            high, low = value[2] << 16 | value[3] << 8 | value[4], value[5] << 16 | value[6] << 8 | value[7]
            return high << 32 | low << 8 | value[8]
        return int(_HEAD.unpack_from(value)[1])
    if format2.is_format_2(value):
        return format2.deadline_of(value)
    raise _unknown_format(value)


def _unknown_format(value: bytes) -> envelope.StateFormatError:
    found = value[1] if value[0] in _ARRAYS else value[0]
    return envelope.unknown("account state", f"format {found}", f"{format2.FORMAT} and {FORMAT}")
