"""Who takes part in the field, and how each is set up.

Fair to all: the same journal, the same broker, the same cores, a group of its own for each turn. Who has a
commit interval commits every tenth of a second, the default of Kafka Streams' exactly-once, so that progress
can be seen; but Quix Streams, whose checkpoints cost it more, every other second. Everything else is as its
makers ship it, but for what is said here.
"""

import os
import sys
from collections.abc import Callable, Mapping
from itertools import product
from types import MappingProxyType
from typing import Final, NamedTuple

from schemas import topics
from tests.bench.building import kafka_streams_java, quix_python
from tests.bench.task import tasks_topic

FULL: Final = "paytide_full"
TASK: Final = "paytide_task"
STOCK: Final = "stock_faust"
RAW: Final = "raw_reading"
QUIX: Final = ("quix_alos", "quix_eos")
STREAMS: Final = "kafka_streams_memory_1_eos"
COMMIT_MS: Final = 100
QUIX_COMMIT_SECONDS: Final = 2.0
"""Its default is five seconds; a short run would then show no progress."""

STOCK_SHARE: Final = 5
"""Stock Faust reads this part of the journal only: it would take minutes over all of it."""

_PYTHON: Final = (sys.executable, "-m")
_GUARANTEES: Final = {
    "eos": ("exactly-once", "exactly_once_v2"),
    "alos": ("at-least-once", "at_least_once"),
}


class Contestant(NamedTuple):
    """``command``: makes what to run, and may raise ``CannotBuild``. ``env``: beside what every one is given.
    ``exactly_once``: whether its tasks must come once each. ``part``: it reads one ``part``-th of the
    journal. ``tasks``: the topic of its tasks, by app id; None: it writes none."""

    name: str
    command: Callable[[], tuple[str, ...]]
    exactly_once: bool
    env: Mapping[str, str] = MappingProxyType({})
    part: int = 1
    tasks: Callable[[str], str] | None = tasks_topic


def _python(*command: str) -> Callable[[], tuple[str, ...]]:
    return lambda: (*_PYTHON, *command)


def _quix(guarantee: str) -> Contestant:
    # Beside the commit interval its documentation has nothing to tune for such a task.
    return Contestant(
        f"quix_{guarantee}",
        lambda: (quix_python(), "-m", "tests.bench.quix.app"),
        guarantee == "eos",
        {"BENCH_GUARANTEE": _GUARANTEES[guarantee][0], "BENCH_COMMIT_SECONDS": str(QUIX_COMMIT_SECONDS)},
    )


def kafka_streams(store: str, threads: int, guarantee: str, commit_ms: int = COMMIT_MS) -> Contestant:
    """One of its many ways to run. The store's cache is off, as it is by default for a processor's store."""
    return Contestant(
        f"kafka_streams_{store}_{threads}_{guarantee}",
        kafka_streams_java,
        guarantee == "eos",
        {
            "BENCH_STORE": store,
            "BENCH_THREADS": str(threads),
            "BENCH_GUARANTEE": _GUARANTEES[guarantee][1],
            "BENCH_COMMIT_MS": str(commit_ms),
            "BENCH_CACHING": "false",
        },
    )


def full_service() -> Contestant:
    """The worker as it is: all rules on."""
    return Contestant(FULL, _python("agents", "worker"), True, tasks=lambda _app_id: topics.INTERVENTIONS)


FIELD: Final = {
    contestant.name: contestant
    for contestant in (
        full_service(),
        Contestant(STOCK, _python("tests.bench.stock_faust"), False, part=STOCK_SHARE),
        Contestant(TASK, _python("tests.bench.paytide_task"), True),
        *map(_quix, ("alos", "eos")),
        *(kafka_streams(*how) for how in product(("memory", "rocksdb"), (1, 2), ("eos", "alos"))),
        Contestant(RAW, _python("tests.bench.raw_reading"), False, tasks=None),
    )
}
USUAL: Final = (
    FULL,
    STOCK,
    TASK,
    *QUIX,
    STREAMS,
    "kafka_streams_memory_1_alos",
    "kafka_streams_rocksdb_1_eos",
    "kafka_streams_memory_2_eos",
    RAW,
)
"""Those that take part unless CONTESTANTS says otherwise."""


def chosen() -> list[Contestant]:
    """Those that CONTESTANTS names, separated by commas; ``all``: every one. Raises ``ValueError``."""
    names = os.environ.get("CONTESTANTS", "").replace(",", " ").split() or list(USUAL)
    if names == ["all"]:
        names = list(FIELD)
    if unknown := [name for name in names if name not in FIELD]:
        raise ValueError(f"no such contestant: {', '.join(unknown)}; there are {', '.join(FIELD)}")
    return [FIELD[name] for name in names]
