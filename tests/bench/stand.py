"""What every measurement stands on: a service of its own, and how to look at it from outside."""

import asyncio
import os
import socket
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Final, NamedTuple

from agents.embedded.local import LocalService
from agents.log.offsets import LogReader, committed
from agents.log.topics import admin, ensure_topics
from agents.settings import Settings
from schemas.groups import GROUPS

START: Final = date(2025, 1, 1)
"""The first day of every load: long past, so that nothing lies in the future."""

LOOK_SECONDS: Final = 0.05
WAIT_SECONDS: Final = 900.0
GONE_LOOKS: Final = 200
WORKER: Final = "worker"
LEAST_LOOKS: Final = 2
_CORES: Final = sorted(os.sched_getaffinity(0))
CONTESTANT_CORES: Final = _CORES[:2]
"""Where each contestant of a comparison runs."""
BROKER_CORES: Final = _CORES[2:4] if len(_CORES) >= 4 else CONTESTANT_CORES
"""Where the broker runs then; on a small machine it shares the contestant's cores."""
_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Size(NamedTuple):
    """How much to measure with: events of a turn, accounts of the large table, turns to take the
    median of, events a second of the latency, cycles that one tick closes."""

    events: int
    accounts: int
    turns: int
    rate: int
    cycles: int


class Rate(NamedTuple):
    """Records a second between a tenth and nine tenths of the way, and CPU seconds a million records."""

    per_second: float
    cpu_per_million: float


@contextmanager
def stand(**env: str) -> Iterator[LocalService]:
    """A broker with empty topics, in a directory that goes when it ends."""
    with (
        tempfile.TemporaryDirectory(prefix="paytide-bench-") as home,
        LocalService(Path(home), PAYTIDE_METRICS_PORT="0", **env) as service,
    ):
        service.start_broker()
        yield service


def fresh(service: LocalService, name: str) -> Settings:
    """Settings of another app on the same broker: it has no state and reads everything from the beginning. The groups
    log is made anew, as whoever replays a journal must (docs/operations): else each would be told by all before it."""
    settings = service.settings.model_copy(update={"app_id": name})
    asyncio.run(_made_anew(settings))
    return settings


async def _made_anew(settings: Settings) -> None:
    async with admin(settings) as client:
        await client.delete_topics([GROUPS])
        for _ in range(GONE_LOOKS):
            if GROUPS not in await client.list_topics():
                break
            await asyncio.sleep(LOOK_SECONDS)
    await ensure_topics(settings)


def start_worker(service: LocalService, settings: Settings, module: str = "agents", **env: str) -> int:
    """Start the worker of an app, or another module in its place; returns its process id."""
    service.start(WORKER, module=module, PAYTIDE_APP_ID=settings.app_id, **env)
    return service.processes[WORKER].pid


def rate_of_worker(
    service: LocalService, settings: Settings, names: Iterable[str], skip: int = 0, module: str = "agents"
) -> Rate:
    """Run a worker over what the topics hold, and stop it; ``skip``: records that do not count."""
    pid = start_worker(service, settings, module)
    rate = asyncio.run(watch(service, settings, names, pid, skip))
    service.stop(WORKER)
    return rate


async def watch(
    service: LocalService,
    settings: Settings,
    names: Iterable[str],
    pid: int,
    skip: int = 0,
    total: int | None = None,
) -> Rate:
    """Watch an app's commits until it has done ``total`` records, by default all that the topics hold now."""
    seen: list[tuple[int, float, float]] = []
    async with admin(settings) as client, LogReader(settings) as log:
        tps = [tp for name in names for tp in await log.partitions(name)]
        if total is None:
            total = sum((await log.ends(tps)).values())
        done, until = 0, monotonic() + WAIT_SECONDS
        while done < total:
            service.check()
            if monotonic() > until:
                raise TimeoutError(f"{done} of {total} records in {WAIT_SECONDS:.0f} s")
            await asyncio.sleep(LOOK_SECONDS)
            now_done = sum((await committed(client, settings.app_id, tps)).values())
            if now_done > done:
                done = now_done
                seen.append((done, monotonic(), cpu_seconds(pid)))
    return rate_of(seen, skip, total)


def rate_of(seen: list[tuple[int, float, float]], skip: int, total: int) -> Rate:
    """The rate by what was seen of a run: records done, the moment, and CPU seconds, each time the number
    had grown. Raises ``ValueError`` if that is too little."""
    # The last commit may have waited for its time after the work was done: it does not count.
    on_the_way = [point for point in seen if skip + 0.1 * (total - skip) <= point[0] < total]
    if len(on_the_way) < LEAST_LOOKS:
        raise ValueError(f"{total - skip} records are too few to measure: they were done between two looks")
    first = on_the_way[0]
    nine_tenths = skip + 0.9 * (total - skip)
    last = next((point for point in on_the_way[1:] if point[0] >= nine_tenths), on_the_way[-1])
    records = last[0] - first[0]
    return Rate(records / (last[1] - first[1]), (last[2] - first[2]) / records * 1e6)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> bytes | None:
    """What a process answers at ``path``; None if it refuses, or does not listen yet."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bytes(answer.read())
    except (urllib.error.URLError, OSError):
        return None


def wait_until(condition: Callable[[], bool], service: LocalService) -> None:
    """Look again and again until it holds. Raises ``TimeoutError``, ``ProcessDiedError``."""
    until = monotonic() + WAIT_SECONDS
    while not condition():
        service.check()
        if monotonic() > until:
            raise TimeoutError(f"not in {WAIT_SECONDS:.0f} s")
        sleep(LOOK_SECONDS)


def cpu_seconds(pid: int) -> float:
    """User and system time so far of a process, all its threads, and the processes it started."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    # Fields 13 and 14 are those of its children that have ended.
    own = sum(int(field) for field in fields[11:15]) / _TICKS_A_SECOND
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(cpu_seconds(int(child)) for child in children)


@contextmanager
def on_cores(cores: Iterable[int]) -> Iterator[None]:
    """Processes started inside run on these cores, with all their threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def resident_bytes(pid: int) -> int:
    """Memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def percentile(values: Iterable[float], share: float) -> float:
    """The value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def medians(turns: list[dict[str, float]]) -> dict[str, float]:
    """The median of every figure over the turns, and of how many turns."""
    return {name: median(turn[name] for turn in turns) for name in turns[0]} | {"turns": len(turns)}
