"""``paytide demo``: everything on this machine, nothing needed but this package."""

from pathlib import Path

import click


@click.command(help="Play real and simulated data through the whole service on this machine.")
@click.option("--keep", is_flag=True, help="Leave it running, and say where to look.")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".run/demo"),
    show_default=True,
    help="Directory to work in; what is in it is thrown away.",
)
def command(keep: bool, home: Path) -> None:
    """Run the demo."""
    from agents.demo import run

    run(home, keep=keep)
