"""The keys of a partition's table that are no accounts.

An ``account_id`` is never empty and holds no control characters (J3), so no account can have one of these.
"""

from typing import Final

ROW_KEY: Final = b""
"""The partition's own row (``journal.books``)."""
CONTROL: Final = b"\x00"
"""What the key of every other row begins with that belongs to the partition and to no account."""


def is_account(key: bytes) -> bool:
    """Whether a key of the table is an account's."""
    return key != ROW_KEY and not key.startswith(CONTROL)
