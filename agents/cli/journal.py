"""``paytide journal export``: the journal as an events file, for a replay, an audit, a backtest."""

from pathlib import Path

import click

from agents.cli.exporting import export_log
from agents.cli.given import given_settings
from agents.cli.outputs import whole_file
from agents.cli.running import run
from schemas import topics


@click.group(help="The journal, as a file.")
def command() -> None:
    """Commands on the journal."""


@command.command(help="Write the whole journal, partition after partition, as an events file.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export(out: Path) -> None:
    """Read to the end as of now, write."""
    with whole_file(out) as file:
        count = run(export_log(given_settings(), topics.JOURNAL, file))
    click.echo(f"{count} records written to {out}")
