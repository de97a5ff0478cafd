"""``paytide playbook``: what is said of a file, and of two (B1)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from schemas.broadcasts import PlaybookChange
from schemas.decode import decode
from schemas.playbook import Playbook

Run = Callable[..., Result]


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_valid_playbook_is_named(paytide: Run, tmp_path: Path) -> None:
    shown = paytide("playbook", "check", written(tmp_path, "b.yaml", "name: spring\nversion: 3\n"))
    assert (shown.exit_code, shown.output.split(": ")[1]) == (0, "spring, version 3, is valid\n")


@pytest.mark.parametrize(
    "text", ["version: 0", "flags: {single_share: 2}", "unknown: 1", "version: 1\nversion: 2"]
)
def test_what_is_wrong_with_a_playbook_is_said_with_exit_code_2(
    paytide: Run, tmp_path: Path, text: str
) -> None:
    shown = paytide("playbook", "check", written(tmp_path, "b.yaml", text))
    assert shown.exit_code == 2
    assert "b.yaml" in shown.stderr


def test_two_playbooks_are_compared_field_by_field(paytide: Run, tmp_path: Path) -> None:
    old = written(tmp_path, "old.yaml", "version: 1\nflags: {single_share: 0.3}\n")
    new = written(tmp_path, "new.yaml", "version: 2\nbank: {code: BANK}\nflags: {single_share: 0.25}\n")
    assert paytide("playbook", "diff", old, new).output.splitlines() == [
        "version: 1 → 2",
        "bank.code: null → BANK (cannot change on a running log)",
        "flags.single_share: 0.3 → 0.25",
    ]
    assert paytide("playbook", "diff", old, old).output == ""


def test_what_is_published_is_read_as_the_same_playbook() -> None:
    book = Playbook.model_validate({"version": 7, "flags": {"single_share": "0.123"}})
    change = PlaybookChange.of(book, 1_800_000_000_000_000)
    read = decode(change.model_dump_json().encode())
    assert read == change, "the broadcast does not come back as it was written"
    assert Playbook.model_validate(change.playbook) == book
