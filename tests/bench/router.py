"""The way in by type topics: the router in a process of its own, and then in a worker, where it shares the
process with the detector that applies meanwhile what the router appends. No clock ticks, so every account
keeps its postings unfolded: they are few."""

import asyncio

from agents.embedded.local import LocalService
from agents.settings import Settings
from schemas import topics
from streams.simulation.load import load
from tests.bench.filling import to_type_topics, write
from tests.bench.stand import START, WORKER, Size, fresh, medians, rate_of_worker, stand, start_worker, watch

EVENTS_PER_ACCOUNT = 4
ROUTED = (topics.PAYROLL_CREDITS, topics.TRANSFERS)


def measure(size: Size) -> dict[str, float]:
    """Records a second that the router commits by itself, its CPU seconds a million records; then in a
    worker, and records a second until the detector has applied all of them. Every turn has its own broker."""
    return medians([_turn(size) for _ in range(size.turns)])


def _turn(size: Size) -> dict[str, float]:
    accounts = max(1, size.events // EVENTS_PER_ACCOUNT)
    with stand() as service:
        asyncio.run(write(service.settings, to_type_topics(load(accounts, size.events, seed=1, start=START))))
        worker = fresh(service, "shared")
        shared = asyncio.run(_shared(service, worker, size.events))
        service.stop(WORKER)
        alone = rate_of_worker(service, fresh(service, "alone"), ROUTED, module="tests.bench.router_alone")
    return {
        "routed_per_s": alone.per_second,
        "cpu_s_per_million": alone.cpu_per_million,
        "routed_in_worker_per_s": shared[0],
        "applied_in_worker_per_s": shared[1],
    }


async def _shared(service: LocalService, settings: Settings, events: int) -> tuple[float, float]:
    pid = start_worker(service, settings)
    routed, applied = await asyncio.gather(
        watch(service, settings, ROUTED, pid),
        watch(service, settings, [topics.JOURNAL], pid, total=events),
    )
    return routed.per_second, applied.per_second
