"""Events files on disk: plain, .gz or .xz; and the real data that is shipped."""

import csv
import gzip
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from schemas.dead import Rejection
from streams import czech
from streams.eventsfile import Line, parse_line

CZECH_BANK: Final = Path(__file__).parents[1] / "deploy" / "data" / "czech-bank.csv.xz"


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


def czech_lines() -> Iterator[Line]:
    """The shipped transactions of a Czech bank as records (DESIGN 11)."""
    with lzma.open(CZECH_BANK, "rt", encoding="utf-8", newline="") as file:
        for line in czech.lines(csv.DictReader(file)):
            parsed = parse_line(msgspec.json.encode(line))
            assert isinstance(parsed, Line)
            yield parsed
