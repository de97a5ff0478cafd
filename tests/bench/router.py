"""The way in by type topics. The detector of the same worker applies meanwhile what the router appends,
so both share one process; no clock ticks, so every account keeps its postings unfolded: they are few."""

import asyncio

from agents.embedded.local import LocalService
from schemas import topics
from streams.simulation.load import load
from tests.bench.filling import to_type_topics, write
from tests.bench.stand import START, Size, medians, stand, start_worker, watch

EVENTS_PER_ACCOUNT = 4
ROUTED = (topics.PAYROLL_CREDITS, topics.TRANSFERS)


def measure(size: Size) -> dict[str, float]:
    """Records a second that the router commits, and records a second until the detector has applied
    all of them; every turn on a broker of its own."""
    return medians([_turn(size) for _ in range(size.turns)])


def _turn(size: Size) -> dict[str, float]:
    accounts = max(1, size.events // EVENTS_PER_ACCOUNT)
    with stand() as service:
        asyncio.run(write(service.settings, to_type_topics(load(accounts, size.events, seed=1, start=START))))
        pid = start_worker(service, service.settings)
        return asyncio.run(_both(service, pid, size.events))


async def _both(service: LocalService, pid: int, events: int) -> dict[str, float]:
    settings = service.settings
    routed, applied = await asyncio.gather(
        watch(service, settings, ROUTED, pid),
        watch(service, settings, [topics.JOURNAL], pid, total=events),
    )
    return {"routed_per_s": routed.per_second, "applied_per_s": applied.per_second}
