"""What can be an events file is told from how it begins (O6)."""

import json

import pytest

from streams.journal.fileform import HEAD_LINES, no_events, no_text
from tests.streams.builders import LARGE

LINE = json.dumps(LARGE[0]).encode() + b"\n"


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("{}".encode("utf-16"), "UTF-16"),
        ("{}".encode("utf-16-le"), "UTF-16 or UTF-32"),
        ("{}".encode("utf-32-be"), "UTF-16 or UTF-32"),
        (b"PK\x03\x04...", "zip"),
        (b"\x28\xb5\x2f\xfd...", "zstd"),
        (b"BZh9...", "bzip2"),
    ],
)
def test_what_is_no_text_is_named(head: bytes, told: str) -> None:
    assert told in (no_text(head) or "it was taken for text")


@pytest.mark.parametrize("head", [b"", LINE, b"\xef\xbb\xbf" + LINE, b"\xff", "é".encode()])
def test_what_may_be_text_is_left_to_the_lines(head: bytes) -> None:
    assert no_text(head) is None


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([b"[\n", LINE, b"]\n"][:1], "JSON array"),
        ([b'[{"topic": "t"}]\n'], "JSON array"),
        ([b"account,amount\n", b"a,1\n"], "CSV"),
        ([b"account;amount\n"], "CSV"),
        ([b"\n", b"hello\n"], "no events file"),
        ([b"{\n", b'  "topic": "t"\n', b"}\n"], "none of its first 3 lines"),
        ([b'{"type": "transfer", "event_id": "e"}\n'], "none of its first 1 lines"),
    ],
)
def test_lines_that_are_all_none_are_explained(lines: list[bytes], told: str) -> None:
    assert told in (no_events(lines) or "it was taken for an events file")


@pytest.mark.parametrize("lines", [[], [b"\n", b"\r\n"], [LINE], [b"nonsense\n", LINE]])
def test_one_line_of_the_form_is_enough_and_so_is_none_at_all(lines: list[bytes]) -> None:
    assert no_events(lines) is None


def test_the_head_is_long_enough_for_some_bad_lines() -> None:
    assert HEAD_LINES >= 20
