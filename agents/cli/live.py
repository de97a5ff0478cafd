"""``paytide live``: from which instant on tasks go out, so that loading years of history calls nobody (B5)."""

import click

from agents.broadcasting import broadcast
from agents.cli.errors import quiet
from agents.cli.given import given_settings
from agents.cli.running import run
from agents.cli.values import AHEAD_INSTANT
from schemas.broadcasts import LiveChange
from schemas.instant import format_instant


@click.command(help="Say from which instant on tasks go out; what is created before it becomes facts alone.")
@click.option(
    "--from",
    "since",
    type=AHEAD_INSTANT,
    required=True,
    help="RFC 3339 instant, at least 5 minutes from now.",
)
def command(since: int) -> None:
    """Write to the log."""
    settings = given_settings()
    with quiet("aiokafka"):
        count = run(broadcast(settings, LiveChange(since=since)))
    click.echo(f"tasks created from {format_instant(since)} on go out; written to {count} partitions")
