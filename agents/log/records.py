"""The record set: what one fetch brought for one partition."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from agents.errors import Stop
from schemas.decode import RawRecord

RECORD_BYTES = 550
"""What a record takes beside its value, resident: the client's object, its key and its numbers (measured with
values of 320 bytes). Without it a bound on waiting bytes would let more than twice as much wait."""

_VALUE = attrgetter("value")


class LogGapError(Stop):
    """The log does not hold the records that come next: they were deleted before they were read."""


class TP(NamedTuple):
    """A topic partition."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class RecordSet:
    """Records of one partition and the fetch positions they span: ``start`` inclusive, ``end``
    exclusive, control records and compacted gaps included, so that sets can be seen to follow on
    each other. ``size``: about how many bytes it holds. A set may be empty: only control records were read."""

    tp: TP
    start: int
    end: int
    records: Sequence[RawRecord]
    size: int

    @classmethod
    def cut(cls, tp: TP, start: int, end: int, records: Sequence[RawRecord]) -> "RecordSet":
        """A set from what the fetcher handed over; the positions must enclose the records."""
        if records and not (start <= records[0].offset and records[-1].offset < end):  # type: ignore[attr-defined]
            raise AssertionError(f"{tp}: records outside the positions [{start}, {end}) they were read at")
        return cls(tp, start, end, records, _size(records))

    def split(self, count: int) -> tuple["RecordSet", "RecordSet"]:
        """The first ``count`` records, and the rest; ``count`` must be less than there are."""
        at: int = self.records[count].offset  # type: ignore[attr-defined]
        first, rest = self.records[:count], self.records[count:]
        size = self.size * count // len(self.records)
        return (
            RecordSet(self.tp, self.start, at, first, size),
            RecordSet(self.tp, at, self.end, rest, self.size - size),
        )


def _size(records: Sequence[RawRecord]) -> int:
    return RECORD_BYTES * len(records) + sum(map(len, filter(None, map(_VALUE, records))))
