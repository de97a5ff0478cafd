"""Files that a command writes are there whole or not at all: written beside, then renamed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A folder to write to, whose files replace those of the same names in ``out`` at the end. After an exception
    ``out`` is as it was. What two processes write at once does not mix: the later one's files stay, all of them."""
    made = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        # Inside, so that it is on the same disk and where one may write.
        with TemporaryDirectory(dir=out, prefix=".unfinished-") as beside:
            yield Path(beside)
            _replace(Path(beside), out)
    except BaseException:
        if made and not any(out.iterdir()):
            out.rmdir()
        raise


def _replace(beside: Path, out: Path) -> None:
    folder = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        for file in sorted(beside.iterdir()):
            file.replace(out / file.name)
    finally:
        os.close(folder)


@contextmanager
def whole_file(out: Path) -> Iterator[BinaryIO]:
    """A file to write, which is ``out`` only once it is complete. A pipe or a terminal is written as it comes."""
    path = out.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
