"""How Java is started, with and without an archive of its classes."""

from pathlib import Path

import pytest

from agents.embedded.jars import EmbeddedUnavailable
from agents.embedded.jvm import archive_of, dump, java


def jars_in(folder: Path) -> list[Path]:
    jar = folder / "a.jar"
    jar.write_bytes(b"not a jar")
    return [jar]


def test_other_jars_are_another_archive(tmp_path: Path) -> None:
    before = archive_of(jars_in(tmp_path))
    (tmp_path / "a.jar").write_bytes(b"another one")
    assert archive_of([tmp_path / "a.jar"]) != before


def test_what_java_says_is_told_when_the_archive_cannot_be_made(tmp_path: Path) -> None:
    jars = jars_in(tmp_path)
    with pytest.raises(EmbeddedUnavailable, match=r"(?s)could not archive.*nowhere"):
        dump(jars, tmp_path / "nowhere")
    assert not archive_of(jars).exists()
    assert java(jars)[-1] == str(jars[0]), "a broker starts without it"
    assert not any("SharedArchiveFile" in option for option in java(jars))
