"""Progress on long work: a bar on a terminal, nothing where the output goes to a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from agents.files import open_file
from schemas.dead import Rejection
from streams.eventsfile import Line, parse_line


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
def reading(path: Path, what: str) -> Iterator[Iterator[Line | Rejection]]:
    """The records of an events file, with a bar that follows the bytes read."""
    with progress() as bar, open_file(path) as file:
        packed = path.suffix in (".gz", ".xz")
        task = bar.add_task(what, total=None if packed else path.stat().st_size, note="")

        def lines() -> Iterator[Line | Rejection]:
            for number, text in enumerate(file, 1):
                if number % 2_000 == 0:
                    bar.update(task, completed=0 if packed else file.tell(), note=f"{number} lines")
                if text.strip():
                    yield parse_line(text)

        yield lines()
