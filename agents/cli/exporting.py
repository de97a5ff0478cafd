"""A log as an events file, for a replay, an audit, a backtest."""

from typing import Any, BinaryIO

from agents.cli.progress import progress
from agents.log.offsets import LogReader, settled_ends
from agents.settings import Settings
from streams.journal.eventsfile import Line, format_line


async def export_log(settings: Settings, topic: str, file: BinaryIO) -> int:
    """Write every committed record up to the log's end as of now; returns how many."""
    count = 0
    async with LogReader(settings) as log:
        tps = await log.partitions(topic)
        begins, ends = await log.begins(tps), await settled_ends(settings, tps)
        with progress() as bar:
            task = bar.add_task("exporting", total=sum(ends[tp] - begins[tp] for tp in tps), note="")
            for tp in tps:
                async for record_set in log.read(tp, begins[tp], ends[tp]):
                    for record in record_set.records:
                        file.write(format_line(_line(topic, record, len(tps))) + b"\n")
                    count += len(record_set.records)
                    bar.update(task, advance=record_set.end - record_set.start, note=f"{count} records")
    return count


def _line(topic: str, record: Any, partitions: int) -> Line:
    return Line(
        topic,
        record.key,
        record.value,
        record.headers,
        record.timestamp,
        record.partition,
        partitions,
        record.offset,
    )
