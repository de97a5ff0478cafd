"""The entries of a groups partition, encoded: what has changed, over what is stored."""

from streams.groups.state import Entry, Head, MonthSums, PaydaySums, Waiting, Watermarks, decode, encode


class Entries:
    """What has changed since the last :meth:`take`, over what is stored; only the former is written to."""

    def __init__(self, stored: dict[bytes, bytes]) -> None:
        self.stored = stored
        self._changed: dict[bytes, bytes | None] = {}

    def get(self, key: bytes, kind: type[Entry]) -> Entry | None:
        """An entry to work on, None if there is none; :meth:`put` keeps what was made of it."""
        value = self._changed[key] if key in self._changed else self.stored.get(key)
        return None if value is None else decode(value, kind)

    def put(self, key: bytes, kept: PaydaySums | MonthSums | Waiting | Head | Watermarks | None) -> None:
        """Keep an entry; None removes it."""
        value = None if kept is None else encode(kept)
        if value == self.stored.get(key):
            self._changed.pop(key, None)
        else:
            self._changed[key] = value

    def present(self) -> set[bytes]:
        """The keys of all that there is, those of the partition itself included."""
        gone = {key for key, value in self._changed.items() if value is None}
        return (self.stored.keys() | self._changed.keys()) - gone

    def take(self) -> dict[bytes, bytes | None]:
        """What has changed since the last take, None where an entry went; the caller stores it."""
        changed, self._changed = self._changed, {}
        return changed
