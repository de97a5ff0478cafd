"""``paytide journal export``: the journal as an events file, for a replay, an audit, a backtest."""

from pathlib import Path
from typing import Any, BinaryIO

import click

from agents.cli.given import given_settings
from agents.cli.outputs import whole_file
from agents.cli.progress import progress
from agents.cli.running import run
from agents.log.offsets import LogReader, settled_ends
from agents.settings import Settings
from schemas import topics
from streams.journal.eventsfile import Line, format_line


@click.group(help="The journal, as a file.")
def command() -> None:
    """Commands on the journal."""


@command.command(help="Write the whole journal, partition after partition, as an events file.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export(out: Path) -> None:
    """Read to the end as of now, write."""
    with whole_file(out) as file:
        count = run(export_journal(given_settings(), file))
    click.echo(f"{count} records written to {out}")


async def export_journal(settings: Settings, file: BinaryIO) -> int:
    """Write every committed record up to the journal's end as of now; returns how many."""
    count = 0
    async with LogReader(settings) as log:
        tps = await log.partitions(topics.JOURNAL)
        begins, ends = await log.begins(tps), await settled_ends(settings, tps)
        with progress() as bar:
            task = bar.add_task("exporting", total=sum(ends[tp] - begins[tp] for tp in tps), note="")
            for tp in tps:
                async for record_set in log.read(tp, begins[tp], ends[tp]):
                    for record in record_set.records:
                        file.write(format_line(_line(record, len(tps))) + b"\n")
                    count += len(record_set.records)
                    bar.update(task, advance=record_set.end - record_set.start, note=f"{count} records")
    return count


def _line(record: Any, partitions: int) -> Line:
    return Line(
        topics.JOURNAL,
        record.key,
        record.value,
        record.headers,
        record.timestamp,
        record.partition,
        partitions,
        record.offset,
    )
