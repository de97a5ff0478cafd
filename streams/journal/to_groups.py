"""What a partition of the journal tells the groups log: summed records, and a watermark (A1, A4)."""

from msgspec.structs import replace

from streams.fast.emitted import Emitted
from streams.journal.group_totals import GroupTotals
from streams.journal.watermarks import WatermarkWriter
from streams.state.told import Told


class ToGroups:
    """Collects what the accounts tell. ``partition``: of the journal, which has ``partitions``; ``writer``: of its
    watermarks, as it was kept; None for a new one."""

    def __init__(self, partition: int, partitions: int, writer: WatermarkWriter | None) -> None:
        self.told: list[Told] = []
        self._partition = partition
        self._partitions = partitions
        self._writer = WatermarkWriter() if writer is None else replace(writer)

    @property
    def kept(self) -> WatermarkWriter | None:
        """What the partition's row keeps of the watermarks; a copy, None as long as there is nothing to keep."""
        writer = self._writer
        return None if writer == WatermarkWriter() else replace(writer)

    def take(self, clock: int | None, *, all_fired: bool) -> list[Emitted]:
        """The records since the last take, and the watermark that they make true at ``clock`` (microseconds).
        ``all_fired``: whether no deadline waits that the clock has passed; what it tells bears an earlier instant."""
        told, self.told = self.told, []
        totals = GroupTotals(self._partition)
        for one in told:
            if one.close is None:
                totals.note_change(one.at, one.was, one.became)
            else:
                totals.note_close(one.at, one.close)
                self._writer.note_close(one.close.newly_mover)
        words: list[Emitted] = [*totals.take()]
        watermark = self._writer.next(clock, self._partition, self._partitions) if all_fired else None
        return words if watermark is None else [*words, watermark]
