"""How far the journal's partitions are, and what time it therefore is in a partition of the groups log (A4)."""

from schemas.dead import Reason, Rejection
from schemas.groups import Watermark
from streams.fast.groups import FastWatermark
from streams.groups.state import Watermarks


def note(watermarks: Watermarks, record: Watermark | FastWatermark) -> Rejection | None:
    """Take a watermark in; one that is earlier than the partition's last changes nothing. Refused where it
    contradicts how many partitions the journal has."""
    known = len(watermarks.instants) or record.partitions
    if record.partitions != known:
        return Rejection(Reason.INVALID, f"partitions: must be {known}, as in the watermarks before")
    if record.partition >= known:
        return Rejection(Reason.INVALID, "partition: must be less than partitions")
    if not watermarks.instants:
        watermarks.instants = [None] * known
    last = watermarks.instants[record.partition]
    if last is None or record.instant > last:
        watermarks.instants[record.partition] = record.instant
    return None


def least(watermarks: Watermarks) -> int | None:
    """The clock: the least watermark, microseconds; None until every partition has spoken."""
    known = [one for one in watermarks.instants if one is not None]
    return min(known) if known and len(known) == len(watermarks.instants) else None
