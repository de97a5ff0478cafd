"""The jar cache: only what the lock file names, byte for byte, is ever on the class path."""

import hashlib
from pathlib import Path

import pytest

from agents.embedded.jars import LOCK, EmbeddedUnavailable, Jar, class_path, default_cache, read_lock

CONTENT = b"the jar"


def lock_file(folder: Path, sha256: str) -> Path:
    path = folder / "jgo.lock.toml"
    path.write_text(
        f'[[dependencies]]\ngroupId = "g"\nartifactId = "a"\nversion = "1"\nsha256 = "{sha256}"\n',
        encoding="utf-8",
    )
    return path


class Source:
    """A registry that serves what it is told to, one answer a request, and counts them."""

    def __init__(self, *answers: bytes | OSError) -> None:
        self.answers = list(answers)

    def __call__(self, jar: Jar, folder: Path) -> Path:
        answer = self.answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        file = folder / "downloaded"
        file.write_bytes(answer)
        return file


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return lock_file(tmp_path, hashlib.sha256(CONTENT).hexdigest())


def test_downloads_once_and_then_uses_the_cache(tmp_path: Path, lock: Path) -> None:
    source = Source(CONTENT)
    for _ in range(2):
        [jar] = class_path(tmp_path / "cache", lock, source)
        assert jar.read_bytes() == CONTENT
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["a-1.jar"]


def test_a_damaged_jar_in_the_cache_is_downloaded_again(tmp_path: Path, lock: Path) -> None:
    [jar] = class_path(tmp_path / "cache", lock, Source(CONTENT))
    jar.write_bytes(b"the")
    [again] = class_path(tmp_path / "cache", lock, Source(CONTENT))
    assert again.read_bytes() == CONTENT


def test_a_broken_download_is_tried_once_more(tmp_path: Path, lock: Path) -> None:
    [jar] = class_path(tmp_path / "cache", lock, Source(OSError("cut off"), CONTENT))
    assert jar.read_bytes() == CONTENT


def test_a_jar_that_is_not_the_locked_one_never_enters_the_cache(tmp_path: Path, lock: Path) -> None:
    with pytest.raises(EmbeddedUnavailable, match="the lock file says"):
        class_path(tmp_path / "cache", lock, Source(b"evil", b"evil"))
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_a_registry_the_error_says_what_to_do(tmp_path: Path, lock: Path) -> None:
    source = Source(OSError("no route"), OSError("no route"))
    with pytest.raises(EmbeddedUnavailable, match=r"g:a:1.*no route.*PAYTIDE_KAFKA_BOOTSTRAP"):
        class_path(tmp_path / "cache", lock, source)


@pytest.mark.parametrize("text", ["not toml [", "[metadata]\n", '[[dependencies]]\ngroupId = "g"\n'])
def test_an_unusable_lock_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "jgo.lock.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(EmbeddedUnavailable, match=r"restore deploy/kafka/jgo\.lock\.toml"):
        read_lock(path)


def test_the_shipped_lock_names_hashes_and_no_addresses() -> None:
    jars = read_lock()
    assert len({jar.filename for jar in jars}) == len(jars) > 40
    assert all(len(jar.sha256) == 64 for jar in jars)
    assert "://" not in LOCK.read_text(encoding="utf-8")


def test_the_cache_follows_the_xdg_convention(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "paytide" / "jars"
