"""What soak and outage stand on: a service under steady load, looked at from outside every few seconds."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import monotonic
from typing import Final

from aiokafka.admin import NewTopic

from agents.clickhouse import migrate
from agents.clickhouse.client import connect
from agents.embedded.local import LocalService
from agents.log.topics import admin, ensure_topics, wanted_topics
from agents.settings import Settings
from schemas import topics
from tests.bench.probes import Reader
from tests.bench.stand import resident_bytes
from tests.clickhouse_http.client import Front
from tests.soak.figures import Matching, Sample

LANDING: Final = "landing"
GRACE_SECONDS: Final = 60.0
SEGMENT_BYTES: Final = 64 * 2**20
KEPT_BYTES: Final = 8 * SEGMENT_BYTES
"""Of each partition of journal and outputs, where they are not kept: at 5 000 events/s about twenty minutes of
the journal, far more than any reader is behind."""


class Stand:
    """A service, its ClickHouse in a process of its own (so that each one's memory is told apart)."""

    def __init__(self, service: LocalService, front: Front) -> None:
        self.service = service
        self.front = front

    def resident(self) -> dict[str, int]:
        """Bytes each process holds now."""
        pids = {name: process.pid for name, process in self.service.processes.copy().items()}
        pids |= {"broker": self.service.kafka.pid or 0, "clickhouse": self.front.pid or 0}
        found = {}
        for name, pid in pids.items():
            try:
                found[name] = resident_bytes(pid)
            except OSError:
                continue  # it is being restarted
        return found


@contextmanager
def stand(*, keep: bool) -> Iterator[Stand]:
    """A broker with empty topics and an empty ClickHouse; what was read long ago is deleted unless ``keep``."""
    with (
        tempfile.TemporaryDirectory(prefix="paytide-soak-") as home,
        Front(Path(home) / "front") as front,
        LocalService(Path(home), PAYTIDE_CLICKHOUSE_DSN=front.dsn) as service,
    ):
        service.kafka.start()
        asyncio.run(_make_topics(service.settings, keep))
        service.broadcast_playbook()
        client = connect(front.dsn)
        migrate.apply(client)
        client.close()
        yield Stand(service, front)


async def _make_topics(settings: Settings, keep: bool) -> None:
    short = {"retention.bytes": str(KEPT_BYTES), "segment.bytes": str(SEGMENT_BYTES)}
    if not keep:
        wanted = wanted_topics(settings.app_id)
        async with admin(settings) as client:
            await client.create_topics(
                [
                    NewTopic(name, settings.partitions, 1, topic_configs={**wanted[name], **short})
                    for name in (topics.JOURNAL, topics.FACTS, topics.INTERVENTIONS)
                ]
            )
    await ensure_topics(settings)


class Load:
    """A generator at work and a reader of the tasks it causes. ``rate``: events a second it managed, when it
    has ended."""

    def __init__(self, reader: Reader, process: asyncio.subprocess.Process) -> None:
        self.matching = Matching()
        self.rate = 0.0
        self.began = monotonic()
        self._reader = reader
        self._process = process
        self._listening = asyncio.create_task(self._listen())

    @property
    def is_over(self) -> bool:
        """Whether everything has been written."""
        return self._listening.done()

    def sample(self, stand: Stand, *, disturbed: bool) -> Sample:
        """What was held and how long tasks took since the last call."""
        self._match()
        return Sample(monotonic() - self.began, stand.resident(), self.matching.take(), disturbed)

    async def end(self) -> None:
        """Wait until everything is written, and for a while until everything is answered."""
        await self._listening
        until = monotonic() + GRACE_SECONDS
        while self.matching.unanswered and monotonic() < until:
            await asyncio.sleep(0.1)
            self._match()

    async def stop(self) -> None:
        """End the generator, whether or not it is done."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        self._listening.cancel()

    def _match(self) -> None:
        read_at = self._reader.read_at
        for name in list(read_at):
            self.matching.read(name, read_at.pop(name) * 1_000)

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            name, _, at = line.decode().rstrip().partition(" ")
            if at:
                self.matching.appended(name, float(at))
            else:
                self.rate = float(name)
        if not self.rate:
            raise RuntimeError("the generator ended before its time")


@asynccontextmanager
async def loaded(stand: Stand, rate: int, seconds: float, accounts: int) -> AsyncIterator[Load]:
    """Load at a steady rate, for so many seconds."""
    env = {"SOAK_RATE": str(rate), "SOAK_SECONDS": str(seconds), "SOAK_ACCOUNTS": str(accounts)}
    async with Reader(stand.service.settings) as reader:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.soak.generator",
            env={**os.environ, **stand.service.env, **env},
            stdout=asyncio.subprocess.PIPE,
        )
        load = Load(reader, process)
        try:
            yield load
        finally:
            await load.stop()


async def every(seconds: float, look: Callable[[], None], until: Callable[[], bool]) -> None:
    """Look every so many seconds until it is over."""
    at = monotonic()
    while not until():
        at += seconds
        await asyncio.sleep(max(0.0, at - monotonic()))
        look()
