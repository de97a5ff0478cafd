"""Values ↔ MessagePack, sums of any size included."""

from typing import Any, Final

import msgspec

_encode: Final = msgspec.msgpack.Encoder().encode
_MOST: Final = 2**63 - 1


def pack(value: object) -> bytes:
    """A value → bytes. What does not fit 64 bits becomes text: a decoder that is not strict reads it as a number."""
    try:
        packed: bytes = _encode(value)
    except OverflowError:
        packed = _encode(_wide(value))
    return packed


def _wide(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return [_wide(getattr(value, name)) for name in value.__struct_fields__]
    if isinstance(value, list | tuple):
        return [_wide(one) for one in value]
    if type(value) is int and not -_MOST <= value <= _MOST:
        return str(value)
    return value
