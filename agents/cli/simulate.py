"""``paytide simulate``: a payroll population, to Kafka or to a file, and the truth it was made from."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import click
import msgspec

from agents.cli.errors import quiet
from agents.cli.given import given_settings
from agents.cli.interrupts import deferred
from agents.cli.outputs import whole_file
from agents.cli.progress import progress
from agents.cli.running import run
from agents.cli.values import DAY
from agents.ingest import ingest
from agents.safeguards import allowed_lateness, latest_believed, prepare
from agents.settings import Settings
from schemas.instant import to_datetime
from streams.journal.eventsfile import Line, parse_line
from streams.replay.survey import survey
from streams.simulation.events import events
from streams.simulation.population import Population
from streams.simulation.truth import Truth, truth


@click.command(help="Make a payroll population's events: to Kafka, or with --out to a file.")
@click.option("--accounts", default=1_000, show_default=True, type=click.IntRange(1, 10_000_000))
@click.option("--months", default=2, show_default=True, type=click.IntRange(1, 120))
@click.option("--start", default="2026-01-01", show_default=True, type=DAY, help="First day.")
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
@click.option("--lines-per-tick", default=1_000, show_default=True, type=click.IntRange(min=1))
def command(
    accounts: int,
    months: int,
    start: date,
    seed: int,
    out: Path | None,
    truth_file: Path | None,
    lines_per_tick: int,
) -> None:
    """Generate, write."""
    population = Population(seed, accounts, start, months)
    if truth_file is not None:
        write_truth(population, truth_file)
    if out is not None:
        click.echo(f"{write_events(population, out)} records written to {out}")
        return
    settings = given_settings()
    _prepare(settings, population, lines_per_tick)
    with progress() as bar:
        task = bar.add_task("simulating", total=None, note="")
        done = run(
            ingest(
                settings,
                simulated(population),
                lines_per_tick=lines_per_tick,
                on_progress=lambda so_far: bar.update(task, note=f"{so_far.records} records"),
            )
        )
    click.echo(f"{done.records} records, {done.ticks} ticks")


def _prepare(settings: Settings, population: Population, lines_per_tick: int) -> None:
    latest = latest_believed()
    begins = islice(simulated(population), lines_per_tick)
    seen = survey(begins, lines_per_tick=lines_per_tick, lateness=allowed_lateness(settings), latest=latest)
    if population.end > to_datetime(latest).date():
        raise click.BadParameter(
            f"the simulation ends on {population.end}, and workers refuse what lies in the future: begin earlier, or "
            "write to a file with --out",
            param_hint="--start",
        )
    with quiet("aiokafka"):
        run(prepare(settings, seen))


def simulated(population: Population) -> Iterator[Line]:
    """A population's events as records."""
    for line in events(population):
        parsed = parse_line(msgspec.json.encode(line))
        assert isinstance(parsed, Line)
        yield parsed


def write_events(population: Population, path: Path) -> int:
    """A population's events as an events file; returns how many."""
    return _write_lines(events(population), path)


def write_truth(population: Population, path: Path) -> None:
    """The truth, one JSON object a line."""
    _write_lines(map(_moved, truth(population)), path)


def _moved(one: Truth) -> dict[str, Any]:
    moved = {"account_id": one.account_id, "payday": one.payday.isoformat()}
    return {**moved, "archetype": one.archetype, "moved": one.moved}


def _write_lines(objects: Iterable[Mapping[str, Any]], path: Path) -> int:
    count = 0
    with deferred() as check, whole_file(path) as file:
        for one in objects:
            file.write(msgspec.json.encode(one) + b"\n")
            count += 1
            check()
    return count
