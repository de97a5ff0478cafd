"""``paytide demo``: everything on this machine, nothing needed but this package."""

from pathlib import Path
from typing import Final

import click

from agents.cli.values import FOLDER

MADE: Final = {"czech", "simulated"}
"""What a demo leaves in its directory."""


@click.command(help="Play real and simulated data through the whole service on this machine.")
@click.option("--keep", is_flag=True, help="Leave it running, and say where to look.")
@click.option(
    "--home",
    type=FOLDER,
    default=Path(".run/demo"),
    show_default=True,
    help="Directory to work in; what is in it is thrown away.",
)
def command(keep: bool, home: Path) -> None:
    """Run the demo."""
    if home.exists() and (others := {file.name for file in home.iterdir()} - MADE):
        raise click.BadParameter(
            f"{home} holds what no demo has made ({min(others)}) and would be thrown away: name another directory",
            param_hint="--home",
        )
    from agents.cli.demonstration import run

    run(home, keep=keep)
