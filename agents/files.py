"""Events files on disk: plain, .gz or .xz; and the real data that is shipped."""

import csv
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from agents.errors import Stop
from schemas.dead import Rejection
from streams.journal.eventsfile import Line, parse_line
from streams.journal.fileform import BOM, HEAD_BYTES, HEAD_LINES, no_events, no_text
from streams.replay import czech

CZECH_BANK: Final = Path(__file__).parents[1] / "deploy" / "data" / "czech-bank.csv.xz"
TELL_EVERY: Final = 1_000

_GZIP: Final = b"\x1f\x8b"
_XZ: Final = b"\xfd7zXZ\x00"
_BROKEN: Final = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


class EventsFileError(Stop):
    """A file that is no events file, or a part of one; the message says what to do."""


def read_lines(
    path: Path, tell: Callable[[int, int], None] = lambda _lines, _bytes: None
) -> Iterator[Line | Rejection | None]:
    """What stands in each line of an events file, in order; None for a blank line, so that counting gives
    the numbers an editor shows. A byte order mark is passed over.

    ``tell(lines, bytes)`` hears now and then how far it is, in bytes on the disk. Raises ``EventsFileError`` for a
    file that cannot be an events file, at once; and for one that is cut off, after what can be read of it.
    """
    number = 0
    with _opened(path) as (disk, file):
        try:
            for number, text in enumerate(_checked(path, file), 1):
                if number % TELL_EVERY == 0:
                    tell(number, disk.tell())
                yield parse_line(text) if text.strip() else None
        except _BROKEN as error:
            how = "is cut off" if isinstance(error, EOFError) else "is damaged"
            raise EventsFileError(f"{path} {how} after line {number}: copy it again, whole") from error


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, Any]]:
    # The file on the disk, and the one to read from, unpacked.
    if path.exists() and not path.is_file():
        raise EventsFileError(f"{path} can be read only once: write it to a file on the disk first")
    with ExitStack() as stack:
        disk = stack.enter_context(path.open("rb"))
        magic = disk.peek(len(_XZ))
        if magic.startswith(_GZIP):
            yield disk, stack.enter_context(gzip.open(disk, "rb"))
        elif magic.startswith(_XZ):
            yield disk, stack.enter_context(lzma.open(disk, "rb"))
        elif path.suffix in (".gz", ".xz"):
            raise EventsFileError(f"{path} is not packed as its name says: name it .jsonl, or pack it")
        else:
            yield disk, disk


def _checked(path: Path, file: Any) -> Iterator[bytes]:
    why = no_text(file.peek(HEAD_BYTES)[:HEAD_BYTES])
    if why is None:
        lines = list(islice(file, HEAD_LINES))
        lines[:1] = [line.removeprefix(BOM) for line in lines[:1]]
        why = no_events(lines)
    if why is not None:
        raise EventsFileError(f"{path} {why}")
    return chain(lines, file)


def czech_lines() -> Iterator[Line]:
    """The shipped transactions of a Czech bank as records (deploy/data/README.md)."""
    with lzma.open(CZECH_BANK, "rt", encoding="utf-8", newline="") as file:
        for line in czech.lines(csv.DictReader(file)):
            parsed = parse_line(msgspec.json.encode(line))
            assert isinstance(parsed, Line)
            yield parsed
