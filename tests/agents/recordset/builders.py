"""What the tests of agents/recordset/ share: records, sets, and neighbours that do as they are told."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from agents.log.records import TP, RecordSet
from agents.log.transaction import Write, Writes

IN = TP("in", 0)
OUT = TP("out", 0)


class Record(NamedTuple):
    """As much of a consumer's record as record sets need."""

    offset: int
    value: bytes | None = b"v"
    key: bytes | None = b"k"
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int = 0


def record_set(start: int, end: int, offsets: Iterable[int] | None = None, tp: TP = IN) -> RecordSet:
    """The set [start, end), with a record at each offset unless they are given; one byte a record."""
    chosen = range(start, end) if offsets is None else offsets
    return RecordSet.cut(tp, start, end, [Record(offset) for offset in chosen])


def offsets_of(sets: Iterable[RecordSet]) -> list[int]:
    """The offsets of all records, as they come."""
    return [record.offset for one in sets for record in one.records]  # type: ignore[attr-defined]


async def until(condition: Callable[[], Any], why: str, seconds: float = 2.0) -> None:
    """Wait for a condition; fails with ``why`` if it does not come."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not condition():
        assert loop.time() < deadline, f"waited {seconds} s in vain: {why}"
        await asyncio.sleep(0.002)


class Seeks:
    """Takes down where the consumer is sent."""

    def __init__(self) -> None:
        self.asked: list[tuple[TP, int]] = []

    async def __call__(self, tp: TP, position: int) -> None:
        self.asked.append((tp, position))


class Commit(NamedTuple):
    """A transaction as it was given to the transactor."""

    values: list[bytes | None]
    source: TP | None
    position: int
    group: str


class FakeTransactor:
    """Commits at once, or as soon as ``open_gate`` is set; ``errors`` are raised first, one a commit."""

    def __init__(self) -> None:
        self.open_gate = asyncio.Event()
        self.open_gate.set()
        self.errors: list[BaseException] = []
        self.begun = 0
        self.commits: list[Commit] = []

    async def commit(
        self, writes: Writes, source: TP | None = None, position: int = 0, group: str = ""
    ) -> dict[TP, int]:
        self.begun += 1
        await self.open_gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        values = [write.value for records in writes.values() for write in records]
        self.commits.append(Commit(values, source, position, group))
        return {tp: 100 + len(self.commits) for tp in writes}


class ScriptedProcessor:
    """Writes one value for each record; ``work_left`` times it has something to do without records."""

    def __init__(self, work_left: int = 0) -> None:
        self.work_left = work_left
        self.applied: list[tuple[list[int], int]] = []
        self.written: list[dict[TP, int]] = []
        self.log: list[str] = []

    def apply(self, records: Sequence[Any], position: int) -> Writes:
        offsets = [record.offset for record in records]
        self.applied.append((offsets, position))
        self.log.append(f"apply {offsets}")
        return {OUT: [Write(None, str(offset).encode()) for offset in offsets]}

    @property
    def has_work(self) -> bool:
        return self.work_left > 0

    def work(self, position: int) -> Writes | None:
        if not self.work_left:
            return None
        self.work_left -= 1
        self.log.append("work")
        return {OUT: [Write(None, b"work")]}

    def committed(self, written: Mapping[TP, int]) -> None:
        self.written.append(dict(written))
        self.log.append("committed")


class Silent:
    """An observer that only takes down."""

    def __init__(self) -> None:
        self.records: list[int] = []
        self.skipped: list[int] = []
        self.revoked: set[TP] = set()

    def on_commit(self, tp: TP, records: int, seconds: float, skipped: int) -> None:
        self.records.append(records)
        self.skipped.append(skipped)

    def on_revoked(self, tp: TP) -> None:
        self.revoked.add(tp)
