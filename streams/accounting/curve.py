"""The curve of a cycle, packed (R7): twelve bytes a day, so that a day more is an append and nothing else."""

import struct
from typing import Final

_DAY: Final = struct.Struct(">iq")
_pack: Final = _DAY.pack
_NO_SHARE: Final = -1
_NO_BALANCE: Final = -(2**63)

Day = tuple[int | None, int | None]
"""The end of a day: share of the pay retained in millionths, balance in minor units (R6, R7)."""


def packed(share: int | None, balance: int | None) -> bytes:
    """One day, to be appended to the days before it."""
    return _pack(
        _NO_SHARE if share is None else share,
        _NO_BALANCE if balance is None else balance,
    )


def days(curve: bytes) -> list[Day]:
    """All days of a curve, day 0 first."""
    return [
        (None if share == _NO_SHARE else share, None if balance == _NO_BALANCE else balance)
        for share, balance in _DAY.iter_unpack(curve)
    ]
