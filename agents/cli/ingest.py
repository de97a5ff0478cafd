"""``paytide ingest FILE``: an events file into Kafka, with ticks."""

import asyncio
from pathlib import Path

import click

from agents.cli.progress import reading
from agents.ingest import IngestError, ingest
from agents.kafka.admin import ensure_topics
from agents.settings import Settings
from schemas.instant import format_instant, parse_instant
from streams.backtest import has_ticks


@click.command(
    help="Write an events file to Kafka; a worker must be running, without a clock of its own (PAYTIDE_TICK_SECONDS=0)."
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--lines-per-tick",
    default=1_000,
    show_default=True,
    help="How many lines between two ticks, if the file has none.",
)
@click.option("--until", help="RFC 3339 instant of a last tick.")
def command(file: Path, lines_per_tick: int, until: str | None) -> None:
    """Read, write, tick."""
    settings = Settings()
    try:
        end = None if until is None else parse_instant(until)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--until") from error
    asyncio.run(ensure_topics(settings))
    with reading(file, "looking for ticks") as lines:
        own_ticks = has_ticks(lines)
    with reading(file, "ingesting") as lines:
        try:
            done = asyncio.run(
                ingest(settings, lines, own_ticks=own_ticks, lines_per_tick=lines_per_tick, until=end)
            )
        except IngestError as error:
            raise click.ClickException(str(error)) from error
        except TimeoutError as error:
            raise click.ClickException(
                "the router does not follow: is a worker running on the same PAYTIDE_KAFKA_BOOTSTRAP and PAYTIDE_APP_ID?"
            ) from error
    clock = format_instant(done.clock) if done.clock is not None else "not set"
    click.echo(f"{done.records} records, {done.ticks} ticks; the clock stands at {clock}")
