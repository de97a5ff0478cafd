"""``paytide simulate``: a payroll population, to Kafka or to a file, and the truth it was made from."""

import asyncio
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click
import msgspec

from agents.cli.progress import progress
from agents.ingest import ingest
from agents.kafka.admin import ensure_topics
from agents.settings import Settings
from streams.eventsfile import Line, parse_line
from streams.simulation.events import events
from streams.simulation.population import Population
from streams.simulation.truth import truth


@click.command(help="Make a payroll population's events: to Kafka, or with --out to a file.")
@click.option("--accounts", default=1_000, show_default=True)
@click.option("--months", default=2, show_default=True)
@click.option("--start", default="2026-01-01", show_default=True, help="First day.")
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Events file to write instead.",
)
@click.option(
    "--truth",
    "truth_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where to write the truth.",
)
@click.option("--lines-per-tick", default=1_000, show_default=True)
def command(
    accounts: int,
    months: int,
    start: str,
    seed: int,
    out: Path | None,
    truth_file: Path | None,
    lines_per_tick: int,
) -> None:
    """Generate, write."""
    population = Population(seed, accounts, _day(start), months)
    if truth_file is not None:
        write_truth(population, truth_file)
    if out is not None:
        count = 0
        with out.open("wb") as file:
            for line in events(population):
                file.write(msgspec.json.encode(line) + b"\n")
                count += 1
        click.echo(f"{count} records written to {out}")
        return
    settings = Settings()
    asyncio.run(ensure_topics(settings))
    with progress() as bar:
        task = bar.add_task("simulating", total=None, note="")
        done = asyncio.run(
            ingest(
                settings,
                simulated(population),
                lines_per_tick=lines_per_tick,
                on_progress=lambda so_far: bar.update(task, note=f"{so_far.records} records"),
            )
        )
    click.echo(f"{done.records} records, {done.ticks} ticks")


def simulated(population: Population) -> Iterator[Line]:
    """A population's events as records."""
    for line in events(population):
        parsed = parse_line(msgspec.json.encode(line))
        assert isinstance(parsed, Line)
        yield parsed


def write_truth(population: Population, path: Path) -> None:
    """The truth, one JSON object a line."""
    with path.open("w") as file:
        for one in truth(population):
            moved = {"account_id": one.account_id, "payday": one.payday.isoformat()}
            file.write(json.dumps({**moved, "archetype": one.archetype, "moved": one.moved}) + "\n")


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise click.BadParameter("not a date of the form 2026-01-05", param_hint="--start") from error
