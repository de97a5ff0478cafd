"""Progress on long work: a bar on a terminal, nothing where the output goes to a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from agents.cli.interrupts import deferred
from agents.files import read_lines
from schemas.dead import Rejection
from streams.journal.eventsfile import Line


def progress() -> Progress:
    """A progress display on standard error."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def reading(path: Path, what: str) -> Iterator[Iterator[Line | Rejection | None]]:
    """The lines of an events file, None for a blank one, with a bar that follows the bytes read; Ctrl-C is taken
    between two lines. Raises ``EventsFileError``."""
    with deferred() as check, progress() as bar:
        task = bar.add_task(what, total=path.stat().st_size, note="")

        def tell(lines: int, position: int) -> None:
            check()
            bar.update(task, completed=position, note=f"{lines} lines")

        yield read_lines(path, tell)
