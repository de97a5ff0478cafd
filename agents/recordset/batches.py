"""What aiokafka has fetched, taken batch by batch instead of record by record.

Its generator costs each record a turn of its own, and a copy into its own kind of record. Here a whole batch passes
through it as if it were one record: which batches are handed over (committed ones, no control batches), and
where the position then stands, remains for aiokafka to decide.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.errors import UnsupportedCodecError

from agents.errors import Stop
from agents.recordset.fetched import FetchedBatch, FetchedRecords


class UnreadableBatchError(Stop):
    """A batch in the log that nothing can be made of; says where it lies."""

    def __init__(self, tp: TopicPartition, batch: Any, why: str, advice: str) -> None:
        where = f"{tp.topic}-{tp.partition}, offsets {batch.base_offset} to {batch.next_offset - 1}"
        super().__init__(f"{where}: the batch cannot be read ({why}); {advice}")


class Unpacked(NamedTuple):
    """The records of a batch as they were unpacked: they have key, value, headers, offset and timestamp."""

    records: list[Any]

    @property
    def offset(self) -> int:
        """The last one: aiokafka passes over what ends before its position, and moves that behind this."""
        return int(self.records[-1].offset)


def take_whole_batches(result: Any, max_bytes: int) -> None:
    """Let a fetched result hand over batches (:class:`Unpacked`).

    ``max_bytes``: of compressed batches, so many bytes as they unpack to, and the batch that goes beyond; the rest
    is fetched again. A broker counts what it sends as it is stored, and a hundred times as much may come out.
    """
    records = getattr(result, "_partition_records", None)
    if records is not None and not isinstance(records._records, _WholeBatches):
        start = records.next_fetch_offset
        records._records = _WholeBatches(result._topic_partition, records._records, start, max_bytes)
        records._consumer_record = _as_it_is


def records_of(batches: Iterable[Unpacked]) -> list[Any]:
    """The records of some batches, in order."""
    return list(chain.from_iterable(batch.records for batch in batches))


class _WholeBatches:
    def __init__(self, tp: TopicPartition, batches: FetchedRecords, start: int, max_bytes: int) -> None:
        self._tp = tp
        self._batches = batches
        self._start = start
        self.room = max_bytes

    def has_next(self) -> bool:
        return self.room > 0 and bool(self._batches.has_next())

    def next_batch(self) -> "_WholeBatch":
        return _WholeBatch(self, self._tp, self._batches.next_batch(), self._start)


class _WholeBatch:
    def __init__(self, owner: _WholeBatches, tp: TopicPartition, batch: FetchedBatch, start: int) -> None:
        self._owner = owner
        self._tp = tp
        self._batch = batch
        self._start = start

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def validate_crc(self) -> bool:
        if not self._batch.validate_crc():
            raise self._unreadable("its CRC does not match")
        return True

    def __iter__(self) -> Iterator[Unpacked]:
        records = self._records()
        if self._batch.compression_type:
            self._owner.room -= sum(len(record.key or b"") + len(record.value or b"") for record in records)
        if records and records[0].offset < self._start:  # a fetch may begin in the middle of a batch
            records = [record for record in records if record.offset >= self._start]
        if records:  # or they were compacted away
            yield Unpacked(records)

    def _records(self) -> list[Any]:
        try:
            return self._batch.records()
        except UnsupportedCodecError as error:
            raise self._unreadable(str(error), "install cramjam, which reads snappy, lz4 and zstd") from error
        except Exception as error:  # each codec has errors of its own
            raise self._unreadable(f"{type(error).__name__}: {error}") from error

    def _unreadable(
        self, why: str, advice: str = "restore its segment from another replica"
    ) -> UnreadableBatchError:
        return UnreadableBatchError(self._tp, self._batch, why, advice)


def _as_it_is(_tp: Any, batch: Unpacked) -> Unpacked:
    return batch
