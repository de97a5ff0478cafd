"""A partition's table: key → encoded value."""

from collections.abc import Mapping


def take_over(table: dict[bytes, bytes], changed: Mapping[bytes, bytes | None]) -> None:
    """Store what has changed; None removes a key."""
    for key, value in changed.items():
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
