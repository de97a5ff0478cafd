"""``paytide ingest FILE``: an events file into Kafka, with ticks."""

from pathlib import Path

import click

from agents.cli.errors import quiet
from agents.cli.given import given_settings
from agents.cli.progress import reading
from agents.cli.running import run
from agents.cli.values import INSTANT
from agents.ingest import ingest
from agents.safeguards import allowed_lateness, latest_believed, prepare
from schemas.instant import format_instant
from streams.replay.survey import Survey, survey


@click.command(
    help="Write an events file to Kafka; a worker must be running, without a clock of its own (PAYTIDE_TICK_SECONDS=0)."
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--lines-per-tick",
    default=1_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many lines between two ticks, if the file has none.",
)
@click.option("--until", type=INSTANT, help="RFC 3339 instant of a last tick.")
def command(file: Path, lines_per_tick: int, until: int | None) -> None:
    """Read, write, tick."""
    settings = given_settings()
    if until is not None and until > latest_believed():
        raise click.BadParameter("lies in the future: no worker takes such a tick", param_hint="--until")
    lateness = allowed_lateness(settings)
    with reading(file, "looking at it") as lines:
        seen = survey(lines, lines_per_tick=lines_per_tick, lateness=lateness, latest=latest_believed())
    _judge(seen)
    with quiet("aiokafka"):
        run(prepare(settings, seen))
    with reading(file, "ingesting") as lines:
        done = run(
            ingest(
                settings,
                lines,
                own_ticks=seen.ticking,
                own_playbook=seen.has_playbook,
                lines_per_tick=lines_per_tick,
                until=until,
            )
        )
    clock = format_instant(done.clock) if done.clock is not None else "not set"
    skipped = f", {done.skipped} skipped that a service wrote itself" if done.skipped else ""
    click.echo(f"{done.records} records, {done.ticks} ticks{skipped}; the clock stands at {clock}")


def _judge(seen: Survey) -> None:
    # Before anything is written: a clock that was moved on cannot be moved back.
    if seen.late and not seen.ticking:
        told = (
            f"{seen.late} of {seen.records} records would be too late, the first of them because line {seen.mover} "
            f"moves the clock to {format_instant(seen.moved_to)}"
        )
        if 2 * seen.late > seen.judged:
            raise click.ClickException(
                f"{told}: the file is not in the order of the log; sort it by occurred_at"
            )
        click.echo(f"paytide: {told}", err=True)
    if seen.ahead:
        click.echo(
            f"paytide: {seen.ahead} records lie in the future, the first in line {seen.first_ahead}; they do not move "
            "the clock, and workers refuse them",
            err=True,
        )
