"""Kafka's own producer, in Java: its framing of snappy and lz4, its partitioner, its null headers."""

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from agents.embedded.jars import class_path
from agents.embedded.jvm import java

LOCK = Path(__file__).parent / "kafka-tools.lock.toml"
NULL = "∅"


class Sent(NamedTuple):
    """A record to send; a header's value may be null."""

    key: str
    value: str
    headers: tuple[tuple[str, str | None], ...] = ()

    @property
    def line(self) -> str:
        """As the console producer reads it."""
        headers = ",".join(f"{name}:{NULL if value is None else value}" for name, value in self.headers)
        return "\t".join((headers or NULL, self.key, self.value))


def command(bootstrap: str, topic: str, codec: str) -> list[str]:
    """The console producer, reading records from standard input."""
    *start, jars = java(class_path(), "-XX:TieredStopAtLevel=1")  # it is over before more would pay
    tools = ":".join([jars, *map(str, class_path(lock=LOCK))])
    reader = ("parse.headers=true", "parse.key=true", f"null.marker={NULL}")
    return [
        *(*start, tools, "org.apache.kafka.tools.ConsoleProducer"),
        *("--bootstrap-server", bootstrap, "--topic", topic, "--compression-codec", codec),
        *(part for one in reader for part in ("--property", one)),
    ]


def produce(bootstrap: str, topic: str, codec: str, records: Iterable[Sent]) -> None:
    """Send records, and wait until the broker has them."""
    lines = "".join(f"{record.line}\n" for record in records).encode()
    done = subprocess.run(
        command(bootstrap, topic, codec), input=lines, capture_output=True, timeout=60, check=False
    )
    said = (done.stdout + done.stderr).decode(errors="replace")
    failed = done.returncode != 0 or "ERROR" in said or "Exception" in said
    assert not failed, f"the Java producer could not send: {said[-2_000:]}"
