"""The archive of classes: made once, used when it is there, and nothing depends on it."""

import subprocess
from pathlib import Path

import pytest

from agents.embedded import class_archive
from agents.embedded.jars import class_path
from agents.embedded.jvm import archive_of, java


def version_of_a_broker(*options: str) -> subprocess.CompletedProcess[str]:
    """The smallest thing that runs on the broker's jars."""
    command = [*java(class_path(), *options), "kafka.Kafka", "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=True)


@pytest.mark.broker
def test_a_broker_takes_its_classes_from_the_archive() -> None:
    assert archive_of(class_path()).exists(), "made before the first test that starts a broker"
    said = version_of_a_broker("-Xlog:class+load").stdout
    [line] = [line for line in said.splitlines() if " kafka.Kafka source:" in line]
    assert "shared objects file" in line, f"it was loaded from elsewhere: {line}"


@pytest.mark.broker
def test_it_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_archive, "EmbeddedKafka", None)
    class_archive.quicken()


@pytest.mark.broker
def test_an_archive_that_is_damaged_is_passed_over(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.jsa"
    damaged.write_bytes(archive_of(class_path()).read_bytes()[:100_000])
    assert "4." in version_of_a_broker(f"-XX:SharedArchiveFile={damaged}").stdout
