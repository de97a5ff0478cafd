"""One tick that closes many cycles: how long the other events of the same partition wait for it."""

import asyncio
from itertools import pairwise
from time import time

from agents.embedded.local import LocalService
from schemas import topics
from schemas.instant import DAY
from tests.bench import probes
from tests.bench.filling import Record, instant_of, paid_and_used, producer_of, tick, write
from tests.bench.held import start_until_ready
from tests.bench.probes import Reader
from tests.bench.stand import Size, medians, stand

STEP_SECONDS = 0.02
SECONDS_BEFORE, SECONDS_AFTER = 5.0, 15.0
GRACE_SECONDS = 60.0
CLOSED_AFTER = 40 * DAY


def measure(size: Size) -> dict[str, float]:
    """The longest gap between outputs of other events, in milliseconds, without the tick and with it;
    everything is in one partition, and every turn on a broker of its own."""
    return {"cycles": size.cycles, **medians([_turn(size) for _ in range(size.turns)])}


def _turn(size: Size) -> dict[str, float]:
    with stand(PAYTIDE_PARTITIONS="1") as service:
        first = instant_of(next(paid_and_used(1)))
        # Without ticks in between: all of these cycles are still to be closed.
        records = (Record(topics.JOURNAL, *posting) for posting in paid_and_used(size.cycles))
        asyncio.run(write(service.settings, records))
        start_until_ready(service, service.settings)
        service.wait_applied(timeout=900)
        return asyncio.run(_measure(service, first + CLOSED_AFTER))


async def _measure(service: LocalService, instant: int) -> dict[str, float]:
    steps_before, steps = (
        int(seconds / STEP_SECONDS) for seconds in (SECONDS_BEFORE, SECONDS_BEFORE + SECONDS_AFTER)
    )
    async with Reader(service.settings) as reader, producer_of(service.settings) as producer:
        for step in range(steps):
            if step == steps_before:
                await producer.send_and_wait(topics.JOURNAL, tick(instant).value, partition=0)
                ticked = time()
            for key, value in (probes.credit(step, instant), probes.transfer(step, instant)):
                await producer.send(topics.JOURNAL, value, key=key, partition=0)
            await asyncio.sleep(STEP_SECONDS)
        await reader.wait_for(steps, GRACE_SECONDS)
        service.check()
        moments = sorted(reader.read_at.values())
    if len(moments) < steps:
        raise TimeoutError(f"{steps - len(moments)} of {steps} marked transfers gave no task")
    return {
        "longest_gap_before_ms": _longest_gap([at for at in moments if at < ticked]),
        "longest_gap_ms": _longest_gap([at for at in moments if at >= ticked]),
    }


def _longest_gap(moments: list[float]) -> float:
    return 1_000 * max(later - earlier for earlier, later in pairwise(moments))
