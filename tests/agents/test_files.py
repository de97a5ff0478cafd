"""Events files on the disk: whatever wrote them, every record is read, or it is said what to do (O6)."""

import gzip
import json
import lzma
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agents import files
from agents.files import EventsFileError, read_lines
from schemas.dead import Rejection
from streams.journal.eventsfile import Line
from tests.streams.builders import LARGE

ONE = json.dumps(LARGE[0], ensure_ascii=False).encode()
TWO = json.dumps(LARGE[1], ensure_ascii=False).encode()
MANY = b"".join(ONE.replace(b'"p"', b'"p%d"' % number) + b"\n" for number in range(5_000))
PACKERS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".xz": lzma.compress}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(content: bytes, name: str = "events.jsonl") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def numbers(path: Path) -> list[int]:
    """The numbers of the lines that are records."""
    return [number for number, line in enumerate(read_lines(path), 1) if isinstance(line, Line)]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (ONE + b"\n" + TWO + b"\n", [1, 2]),
        (ONE + b"\n" + TWO, [1, 2]),
        (ONE + b"\r\n" + TWO + b"\r\n", [1, 2]),
        (b"\n\r\n" + ONE + b"\n  \n" + TWO, [3, 5]),
        (b"\xef\xbb\xbf" + ONE + b"\n" + TWO, [1, 2]),
        (b"\xef\xbb\xbf\r\n" + ONE, [2]),
        (b"nonsense\n" + ONE, [2]),
        (b"", []),
        (b"\n\n", []),
    ],
    ids=["plain", "no last end", "crlf", "blank", "bom", "bom alone", "one bad", "empty", "blank only"],
)
@pytest.mark.parametrize("packed", ["", ".gz", ".xz"])
def test_every_record_is_read_and_keeps_its_line_number(
    content: bytes, found: list[int], packed: str, file: Callable[..., Path]
) -> None:
    content = PACKERS.get(packed, bytes)(content)
    assert numbers(file(content, f"events.jsonl{packed}")) == found


@pytest.mark.parametrize("packed", [".gz", ".xz"])
def test_what_is_packed_is_unpacked_whatever_its_name(packed: str, file: Callable[..., Path]) -> None:
    assert numbers(file(PACKERS[packed](ONE), "events.jsonl")) == [1]


@pytest.mark.parametrize("packed", [".gz", ".xz"])
def test_a_packed_file_that_is_cut_off_is_read_as_far_as_it_goes_and_then_said_so(
    packed: str, file: Callable[..., Path]
) -> None:
    content = PACKERS[packed](os.urandom(8).hex().encode().join([MANY, MANY]))
    lines: list[object] = []
    cut = read_lines(file(content[: len(content) * 2 // 3], f"events.jsonl{packed}"))
    with pytest.raises(EventsFileError, match=r"is cut off after line [1-9]\d*: copy it again"):
        lines.extend(map(id, cut))
    assert lines, "what stands before the cut was not read"


def test_a_packed_file_that_is_damaged_is_said_to_be(file: Callable[..., Path]) -> None:
    content = bytearray(gzip.compress(MANY))
    content[-6] ^= 0xFF  # its check sum
    with pytest.raises(EventsFileError, match="is damaged after line 5000"):
        list(read_lines(file(bytes(content), "events.jsonl.gz")))


@pytest.mark.parametrize("packed", [".gz", ".xz"])
@pytest.mark.parametrize("content", [ONE, b""])
def test_a_name_that_says_packed_where_nothing_is(
    packed: str, content: bytes, file: Callable[..., Path]
) -> None:
    with pytest.raises(EventsFileError, match="is not packed as its name says"):
        list(read_lines(file(content, f"events{packed}")))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (ONE.decode().encode("utf-16"), "UTF-16"),
        (b"[" + ONE + b"]", "JSON array"),
        (b"account,amount\na,1\n", "CSV"),
        (json.dumps(LARGE[0], indent=2).encode(), "none of its first"),
    ],
)
@pytest.mark.parametrize("packed", ["", ".gz"])
def test_a_file_that_cannot_be_one_is_an_error_and_not_dead_records(
    content: bytes, told: str, packed: str, file: Callable[..., Path]
) -> None:
    path = file(PACKERS.get(packed, bytes)(content), f"events.jsonl{packed}")
    with pytest.raises(EventsFileError, match=told) as error:
        next(read_lines(path))
    assert str(path) in str(error.value)


def test_one_bad_line_among_good_ones_is_a_dead_record(file: Callable[..., Path]) -> None:
    first, second = read_lines(file(b"{\n" + ONE))
    assert isinstance(first, Rejection)
    assert isinstance(second, Line)


def test_a_pipe_is_refused_because_it_would_be_empty_the_second_time(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(EventsFileError, match="can be read only once"):
        list(read_lines(pipe))


def test_how_far_it_is_is_told(file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "TELL_EVERY", 2_000)
    told: list[int] = []
    list(read_lines(file(MANY), lambda lines, _bytes: told.append(lines)))
    assert told == [2_000, 4_000]
