"""The books of a partition: records read = applied + duplicate + dead (X4)."""

from typing import Final

import msgspec

from schemas.dead import Reason

FORMAT: Final = 1


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


class PartitionRow(msgspec.Struct, array_like=True):
    """The partition's own row, committed with every record set: everything about the partition that
    no account owns. ``position``: the journal offset up to which all is applied (the fence);
    ``clock``: microseconds, None before the first tick; ``topic_id``: of the journal it belongs to."""

    format: int = FORMAT
    position: int = 0
    clock: int | None = None
    topic_id: str = ""
    books: Books = msgspec.field(default_factory=Books)


_DECODER: Final = msgspec.msgpack.Decoder(PartitionRow)


def encode_row(row: PartitionRow) -> bytes:
    """A row → bytes for the table."""
    return msgspec.msgpack.encode(row)


def decode_row(value: bytes) -> PartitionRow:
    """Bytes of the table → row. Raises ``ValueError`` for another format version."""
    row = _DECODER.decode(value)
    if row.format != FORMAT:
        raise ValueError(f"partition row has format {row.format}, this version reads {FORMAT}")
    return row
