"""Events files on disk: plain, .gz or .xz."""

import gzip
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from schemas.dead import Rejection
from streams.eventsfile import Line, parse_line


def open_file(path: Path) -> BinaryIO:
    """Open for reading, unpacked. Raises ``OSError``."""
    if path.suffix == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    if path.suffix == ".xz":
        return lzma.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def read_lines(path: Path) -> Iterator[Line | Rejection]:
    """The records of an events file; blank lines are none."""
    with open_file(path) as file:
        for text in file:
            if text.strip():
                yield parse_line(text)
