"""What aiokafka has fetched, taken batch by batch instead of record by record.

Its generator costs each record a turn of its own, and a copy into its own kind of record. Here a whole batch passes
through it as if it were one record: which batches are handed over (committed ones, no control batches), and
where the position then stands, remains for aiokafka to decide.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple


class Unpacked(NamedTuple):
    """The records of a batch as they were unpacked: they have key, value, headers, offset and timestamp."""

    records: list[Any]

    @property
    def offset(self) -> int:
        """The last one: aiokafka passes over what ends before its position, and moves that behind this."""
        return int(self.records[-1].offset)


def take_whole_batches(result: Any) -> None:
    """Let a fetched result hand over batches (:class:`Unpacked`)."""
    records = getattr(result, "_partition_records", None)
    if records is not None and not isinstance(records._records, _WholeBatches):
        records._records = _WholeBatches(records._records, records.next_fetch_offset)
        records._consumer_record = _as_it_is


def records_of(batches: Iterable[Unpacked]) -> list[Any]:
    """The records of some batches, in order."""
    return list(chain.from_iterable(batch.records for batch in batches))


class _WholeBatches:
    def __init__(self, batches: Any, start: int) -> None:
        self.has_next = batches.has_next
        self._next_batch = batches.next_batch
        self._start = start

    def next_batch(self) -> "_WholeBatch":
        return _WholeBatch(self._next_batch(), self._start)


class _WholeBatch:
    def __init__(self, batch: Any, start: int) -> None:
        self._batch = batch
        self._start = start

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Unpacked]:
        records = list(self._batch)
        if records and records[0].offset < self._start:  # a fetch may begin in the middle of a batch
            records = [record for record in records if record.offset >= self._start]
        if records:  # or they were compacted away
            yield Unpacked(records)


def _as_it_is(_tp: Any, batch: Unpacked) -> Unpacked:
    return batch
