"""What a command writes is there whole or not at all."""

import os
import threading
from pathlib import Path

import pytest

from agents.cli.outputs import whole_file, whole_folder


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_files_replace_those_of_their_names_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "other").write_text("mine")
    with whole_folder(tmp_path) as folder:
        (folder / "a").write_text("new")
        assert (tmp_path / "a").read_text() == "old", "written before all is complete"
    assert (tmp_path / "a").read_text() == "new"
    assert names(tmp_path) == {"a", "other"}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_after_an_exception_all_is_as_it_was(error: type[BaseException], tmp_path: Path) -> None:
    def half(out: Path) -> None:
        with whole_folder(out) as folder:
            (folder / "a").write_text("half")
            raise error

    (tmp_path / "old").mkdir()
    for out in (tmp_path / "old", tmp_path / "new"):
        with pytest.raises(error):
            half(out)
    assert names(tmp_path / "old") == set()
    assert not (tmp_path / "new").exists()


def test_a_file_is_there_once_it_is_complete(tmp_path: Path) -> None:
    with whole_file(tmp_path / "a") as file:
        file.write(b"x")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_bytes() == b"x"
    assert names(tmp_path) == {"a"}


def test_a_file_that_is_not_completed_leaves_the_one_before(tmp_path: Path) -> None:
    def half() -> None:
        with whole_file(tmp_path / "a") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    (tmp_path / "a").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        half()
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == {"a"}


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    with whole_file(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_a_pipe_is_written_and_not_replaced(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with whole_file(pipe) as file:
        file.write(b"x")
    reader.join()
    assert read == [b"x"]
    assert pipe.is_fifo()
