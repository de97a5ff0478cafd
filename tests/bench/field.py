"""The field: everyone on the bench task, side by side, one after the other on the same broker.

Each contestant reads the same journal from its beginning with empty state, in every turn anew. The first part
warms it up and does not count: a Java virtual machine takes seconds to compile what it runs. Figures are taken
from outside, over the rest: the group's committed positions between a tenth and nine tenths of the way, and the
CPU time of the contestant's process meanwhile. Its tasks are compared with those of the plain bench task: who
differs has no figure.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from statistics import median
from typing import Final

from agents.embedded.local import LocalService
from agents.load import fill_journal
from agents.log.records import TP
from agents.settings import Settings
from schemas import topics
from tests.bench import contestants as who
from tests.bench.building import CannotBuild
from tests.bench.contestants import Contestant
from tests.bench.outputs import Expected, Task, check, ends_of, positions_of, reference, written
from tests.bench.running import make_topic, remove_topics, start
from tests.bench.stand import BROKER_CORES, CONTESTANT_CORES, START, Rate, Size, fresh, on_cores, stand, watch

EVENTS_PER_ACCOUNT: Final = 25
WARM_UP: Final = 0.4
"""Events to warm up with, to each that counts."""

RATIOS: Final = {
    "full_by_stock_faust": (who.FULL, (who.STOCK,)),
    "task_by_stock_faust": (who.TASK, (who.STOCK,)),
    "task_by_quix": (who.TASK, who.QUIX),
    "task_by_kafka_streams": (who.TASK, (who.STREAMS,)),
    "full_by_kafka_streams": (who.FULL, (who.STREAMS,)),
}
"""One of ours, and others; where there are several, the fastest of them in each turn."""

Journal = dict[TP, Expected]


def measure(size: Size) -> dict[str, float]:
    """Events a second and CPU seconds a million events of each, and ratios: medians of the turns."""
    field = ready(who.chosen())
    events = size.events + int(WARM_UP * size.events)
    accounts = max(1, events // EVENTS_PER_ACCOUNT)
    turns: list[dict[str, Rate]] = []
    with on_cores(BROKER_CORES), stand() as service, on_cores(CONTESTANT_CORES):
        asyncio.run(fill_journal(service.settings, accounts, events, seed=1, start=START))
        journal = asyncio.run(reference(service.settings))
        for turn in range(size.turns):
            turns.append({})
            for contestant in field:
                rate = turns[-1][contestant.name] = run(service, contestant, turn, journal)
                print(f"  {contestant.name}: {rate.per_second:,.0f} events/s", flush=True)
    tasks = sum(len(partition.tasks) for partition in journal.values())
    return {"events": events, "accounts": accounts, "tasks": tasks, **figures(turns)}


def ready(field: Iterable[Contestant]) -> list[Contestant]:
    """Those that this machine can run; says why the others are left out."""
    able = []
    for contestant in field:
        try:
            contestant.command()
        except CannotBuild as error:
            print(f"  without {contestant.name}: {error}")
        else:
            able.append(contestant)
    return able


def run(service: LocalService, contestant: Contestant, turn: int, journal: Journal) -> Rate:
    """One contestant over the journal, from nothing. Raises ``ValueError`` if its tasks are not right."""
    settings = fresh(service, f"{contestant.name.replace('_', '-')}-{turn}")
    output = contestant.tasks(settings.app_id) if contestant.tasks else None
    if output is not None:
        make_topic(settings, output)
    begins = asyncio.run(ends_of(settings, output)) if output else {}
    wanted = sum(partition.end for partition in journal.values()) // contestant.part
    pid = start(service, contestant, settings)
    skip = int(wanted * WARM_UP / (1 + WARM_UP))
    rate = asyncio.run(watch(service, settings, [topics.JOURNAL], pid, skip, wanted))
    service.stop(contestant.name)
    if begins:
        _check(contestant, settings, begins, journal)
    remove_topics(settings)
    return rate


def _check(contestant: Contestant, settings: Settings, begins: dict[TP, int], journal: Journal) -> None:
    # Who was stopped on the way has read at least what it has committed, and at most everything.
    positions = asyncio.run(positions_of(settings, list(journal)))
    least = _sum(journal[tp].up_to(position) for tp, position in positions.items())
    most = _sum(partition.up_to(partition.end) for partition in journal.values())
    check(contestant.name, asyncio.run(written(settings, begins)), least, most, contestant.exactly_once)


def _sum(counters: Iterable[Counter[Task]]) -> Counter[Task]:
    return sum(counters, Counter())


def figures(turns: list[dict[str, Rate]]) -> dict[str, float]:
    """The medians over the turns; a ratio is taken in each turn."""
    found: dict[str, float] = {}
    for name in turns[0]:
        found[f"{name}_per_s"] = median(turn[name].per_second for turn in turns)
        found[f"{name}_cpu_s_per_million"] = median(turn[name].cpu_per_million for turn in turns)
    for ratio, (ours, others) in RATIOS.items():
        there = [name for name in others if name in turns[0]]
        if ours in turns[0] and there:
            found[ratio] = median(
                turn[ours].per_second / max(turn[name].per_second for name in there) for turn in turns
            )
    return found | {"turns": len(turns)}
