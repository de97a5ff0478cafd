"""Fetched bytes → record batches: aiokafka's own, but for the name of a header that is not UTF-8.

Any producer but Java's can write one. aiokafka raises, and one header would end every reader of its partition for
good; Java's consumer reads U+FFFD for what it cannot decode, and so do we.
"""

from collections.abc import Iterator
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

_LENGTH_AT: Final = 8
_LENGTH_END: Final = 12
"""Of a batch: eight bytes of base offset, then four that say how many bytes follow."""


class FetchedRecords:
    """The batches of one partition and fetch, as aiokafka's ``MemoryRecords`` hands them over."""

    def __init__(self, data: bytes) -> None:
        records = MemoryRecords(data)
        self.has_next = records.has_next
        self.size_in_bytes = records.size_in_bytes
        self._next_batch = records.next_batch
        self._data = memoryview(data)

    def next_batch(self) -> "FetchedBatch":
        """The next batch; only after ``has_next``."""
        end = _LENGTH_END + int.from_bytes(self._data[_LENGTH_AT:_LENGTH_END], "big")
        raw, self._data = self._data[:end], self._data[end:]
        return FetchedBatch(self._next_batch(), raw)


class FetchedBatch:
    """A batch; what is not here is aiokafka's."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch = batch
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.records())

    def records(self) -> list[Any]:
        """All records, unpacked. Raises what aiokafka and the codecs raise for a damaged batch."""
        try:
            return list(self._batch)
        except UnicodeDecodeError:
            return list(_LenientBatch(self._raw))


class _LenientBatch(_DefaultRecordBatchPy):
    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _LenientBytes(self._buffer)


class _LenientBytes(bytearray):
    """aiokafka decodes the names of headers, and nothing else, from slices of its buffer."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _LenientBytes(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, errors)


fetcher.MemoryRecords = FetchedRecords  # what it makes of every answer of a broker
