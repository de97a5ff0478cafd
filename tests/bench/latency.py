"""From an event's append to its task, readable for a read_committed consumer, under steady load."""

import asyncio
import json
import os
import sys

from agents.embedded.local import LocalService
from tests.bench.held import start_until_ready
from tests.bench.probes import Reader
from tests.bench.stand import Size, medians, percentile, stand

ACCOUNTS = 20_000
SHORTEST, LONGEST = 5.0, 60.0
WARM_UP_SHARE = 0.2
GRACE_SECONDS = 30.0


def measure(size: Size) -> dict[str, float]:
    """p50 and p99 in milliseconds at the rate the generator managed; every turn a broker of its own.
    ``unanswered``: marked transfers whose task did not come within the grace."""
    return {"accounts": ACCOUNTS, **medians([_turn(size) for _ in range(size.turns)])}


def _turn(size: Size) -> dict[str, float]:
    with stand() as service:
        start_until_ready(service, service.settings)
        return asyncio.run(_measure(service, size))


async def _measure(service: LocalService, size: Size) -> dict[str, float]:
    seconds = min(LONGEST, max(SHORTEST, size.events / size.rate))
    async with Reader(service.settings) as reader:
        generator = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.bench.generator",
            env={
                **os.environ,
                **service.env,
                "BENCH_RATE": str(size.rate),
                "BENCH_SECONDS": str(seconds),
                "BENCH_ACCOUNTS": str(ACCOUNTS),
            },
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await generator.communicate()
        report = json.loads(output)
        await reader.wait_for(len(report["appended"]), GRACE_SECONDS)
        service.check()
        read_at = dict(reader.read_at)
    marked = list(report["appended"].items())
    took = [
        read_at[name] * 1_000 - appended
        for name, appended in marked[int(WARM_UP_SHARE * len(marked)) :]
        if name in read_at
    ]
    return {
        "rate": report["rate"],
        "p50_ms": percentile(took, 0.5),
        "p99_ms": percentile(took, 0.99),
        "marked": len(took),
        "unanswered": len(marked) - len(read_at),
    }
