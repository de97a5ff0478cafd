"""The books of a partition: records read = applied + duplicate + dead (X4), and the row that holds them."""

from collections.abc import Iterable

import msgspec

from schemas.dead import Reason
from streams.journal.watermarks import WatermarkWriter


class Books(msgspec.Struct, array_like=True):
    """Counts of records since the journal began."""

    read: int = 0
    applied: int = 0
    duplicate: int = 0
    dead: dict[str, int] = {}

    def note_dead(self, reason: Reason) -> None:
        """One more dead letter."""
        self.dead[reason.value] = self.dead.get(reason.value, 0) + 1

    @property
    def balanced(self) -> bool:
        """Whether every record read is accounted for."""
        return self.read == self.applied + self.duplicate + sum(self.dead.values())


def total(all_books: Iterable[Books]) -> Books:
    """All of them together."""
    whole = Books()
    for books in all_books:
        whole.read += books.read
        whole.applied += books.applied
        whole.duplicate += books.duplicate
        for reason, count in books.dead.items():
            whole.dead[reason] = whole.dead.get(reason, 0) + count
    return whole


def less(books: Books, before: Books) -> Books:
    """What has been added since ``before``."""
    dead = {reason: count - before.dead.get(reason, 0) for reason, count in books.dead.items()}
    return Books(
        books.read - before.read,
        books.applied - before.applied,
        books.duplicate - before.duplicate,
        {reason: count for reason, count in dead.items() if count},
    )


class PartitionRow(msgspec.Struct):
    """The partition's own row, committed with every record set: everything about the partition that
    no account owns. ``position``: the journal offset up to which all is applied (the fence);
    ``clock``: microseconds, None before the first tick; ``topic_id``: of the journal it belongs to; ``watermark``:
    the last one that it wrote to the groups log, and what has closed since, None before anything has (A4)."""

    position: int = 0
    clock: int | None = None
    topic_id: str = ""
    books: Books = msgspec.field(default_factory=Books)
    watermark: WatermarkWriter | None = None
