"""What a number of records of the journal come to."""

from typing import NamedTuple

from schemas.dead import Rejection
from streams.fast.emitted import Emitted
from streams.journal.books import PartitionRow


class DeadRecord(NamedTuple):
    """A record that was refused, and why. ``place``: among the records given since the last take."""

    place: int
    rejection: Rejection


class Outputs(NamedTuple):
    """What a number of records came to. ``changed``: account key → new value, None where it went;
    ``emitted``: what is to be published."""

    changed: dict[bytes, bytes | None]
    emitted: list[Emitted]
    dead: list[DeadRecord]
    row: PartitionRow
