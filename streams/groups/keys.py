"""The keys of what is kept of a group: entries of their own, so that no value grows with it (A7).

A key is the group's (``employer:<id>``), a zero byte, the kind of entry, and two days. What follows the group has
one length for every kind, so no two groups' keys can be alike, whatever an id is made of. The partition's own entries
begin with a zero byte, which no group does.
"""

import struct
from typing import Final

HEAD: Final = b"h"
"""What is known of the group as a whole."""
PAYDAY: Final = b"p"
"""The sums of one payday date (first day), as decided upon."""
MONTH: Final = b"m"
"""The closed cycles of the paydays of a month (first day: its first)."""
WAITING: Final = b"w"
"""What waits for the 04:00 of the first day: of which dates, and from where."""
WAITING_PAYDAY: Final = b"x"
"""The sums of one payday date (second day) that wait for the 04:00 of the first."""

WATERMARKS: Final = b"\x00watermarks"
"""The watermarks of the journal's partitions."""

_SUFFIX: Final = struct.Struct(">xcII")


def key_of(group: bytes, kind: bytes, day: int = 0, date: int = 0) -> bytes:
    """The key of an entry; days as ordinals."""
    return group + _SUFFIX.pack(kind, day, date)


def parts_of(key: bytes) -> tuple[bytes, bytes, int]:
    """A key → its group, kind and first day."""
    kind, day, _ = _SUFFIX.unpack_from(key, len(key) - _SUFFIX.size)
    return key[: -_SUFFIX.size], kind, day


def is_of_group(key: bytes) -> bool:
    """Whether an entry is a group's, and not the partition's own."""
    return key[:1] != b"\x00"
