"""Parts of a stored value, one after the other: number (one byte), length (varint), payload.

A reader can tell a part that it does not know, and where the next one begins. What a number means never changes: a
part whose payload must look different gets a number of its own, and a number is never used again.
"""

from typing import Final

_BYTE: Final = [bytes([number]) for number in range(256)]
_LONG: Final = 0x80
"""A byte of a varint from here on says that another one follows; each brings seven bits, the lowest first."""


class StateFormatError(ValueError):
    """A state that another version of the service wrote, or that is damaged."""


def unknown(what: str, found: str, known: str) -> StateFormatError:
    """The error about a state that this version does not read, and what to do."""
    return StateFormatError(
        f"{what} has {found}, this version reads {known}: "
        "run the version that wrote it, or replay the journal into a new application id"
    )


def framed(number: int, payload: bytes) -> bytes:
    """One part as it is stored."""
    return head_of(number, len(payload)) + payload


def head_of(number: int, length: int) -> bytes:
    """What stands before a payload of so many bytes."""
    return _BYTE[number] + (_LENGTHS[length] if length < _USUAL else _varint(length))


def _varint(length: int) -> bytes:
    head = b""
    while length >= _LONG:
        head += _BYTE[_LONG | (length & 0x7F)]
        length >>= 7
    return head + _BYTE[length]


def parts_in(value: bytes, start: int) -> list[tuple[int, bytes]]:
    """The parts that a value holds from ``start`` on: number and payload. Raises ``StateFormatError``."""
    parts: list[tuple[int, bytes]] = []
    at, end = start, len(value)
    while at + 1 < end:
        number, length = value[at], value[at + 1]
        at += 2
        if length >= _LONG:
            length, at = _long(value, at - 1)
        parts.append((number, value[at : at + length]))
        at += length
    if at != end:
        raise StateFormatError("a stored state is cut short: replay the journal into a new application id")
    return parts


def _long(value: bytes, at: int) -> tuple[int, int]:
    # A length of several bytes, and where what follows begins; past the end where the value ends before it does.
    length, shift = 0, 0
    while at < len(value):
        byte = value[at]
        length |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if byte < _LONG:
            return length, at
    return 1, at


_USUAL: Final = 2_048
"""Most payloads are shorter."""
_LENGTHS: Final = [_varint(length) for length in range(_USUAL)]
