"""How far a partition of the journal is, for those who fold what several of them tell (A4)."""

from typing import Final

import msgspec

from schemas.instant import MINUTE, format_instant
from streams.fast.groups import FastWatermark

APART: Final = MINUTE
"""Of event time: a watermark is written at most so often."""


class WatermarkWriter(msgspec.Struct, array_like=True):
    """What a journal partition keeps of its watermarks: the last one's instant (microseconds, None before the
    first), and what closed since: cycles, and those of them that were newly movers."""

    last: int | None = None
    closed: int = 0
    newly_moved: int = 0

    def note_close(self, newly_mover: bool) -> None:
        """A cycle closed."""
        self.closed += 1
        self.newly_moved += newly_mover

    def next(self, clock: int | None, partition: int, partitions: int) -> FastWatermark | None:
        """The watermark to write in the transaction that brings the partition to ``clock`` (microseconds); None for
        none. All deadlines that the clock has passed must have fired: what they say bears their due instant."""
        if clock is None or (self.last is not None and clock < self.last + APART):
            return None
        word = FastWatermark(
            partition=partition,
            partitions=partitions,
            instant=format_instant(clock),
            closed=self.closed,
            newly_moved=self.newly_moved,
        )
        self.last, self.closed, self.newly_moved = clock, 0, 0
        return word
