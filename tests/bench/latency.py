"""From an event's append to its task, readable for a read_committed consumer, under steady load: the full
service, and Kafka Streams with exactly-once on the bench task, one after the other under the same generator.

Kafka Streams runs twice: with the commit interval it ships with for exactly-once, and with a short one, since
a task is readable only when its transaction is committed.
"""

import asyncio
import json
import os
import sys
from typing import Final

from agents.embedded.local import LocalService
from schemas import topics
from tests.bench.contestants import COMMIT_MS, Contestant, kafka_streams
from tests.bench.field import ready
from tests.bench.held import start_until_ready
from tests.bench.probes import Reader
from tests.bench.running import make_topic, start
from tests.bench.stand import (
    BROKER_CORES,
    CONTESTANT_CORES,
    Size,
    medians,
    on_cores,
    percentile,
    stand,
    wait_until,
)
from tests.bench.task import tasks_topic

ACCOUNTS: Final = 20_000
SHORTEST, LONGEST = 5.0, 60.0
WARM_UP_SECONDS: Final = 60.0
"""Not counted: for so long the broker, and Kafka Streams itself, spend most of a core on compiling what they do
most; a service that runs for months is not seen in its first minute."""

GRACE_SECONDS: Final = 30.0
SHORT_COMMIT_MS: Final = 10
RUNNING: Final = b"state RUNNING"

Figures = dict[str, float]


def measure(size: Size) -> Figures:
    """p50 and p99 in milliseconds at the rate the generator managed, and the service's p99 by Kafka
    Streams' better one; everyone has a broker of its own in every turn. ``unanswered``: marked transfers
    whose task did not come within the grace."""
    streams = ready(
        kafka_streams("memory", 1, "eos", commit_ms) for commit_ms in (COMMIT_MS, SHORT_COMMIT_MS)
    )
    return {"accounts": ACCOUNTS, **medians([_turn(size, streams) for _ in range(size.turns)])}


def _turn(size: Size, streams: list[Contestant]) -> Figures:
    figures, p99s = _service(size), []
    for contestant in streams:
        commit_ms = contestant.env["BENCH_COMMIT_MS"]
        theirs = _contestant(contestant, size)
        figures |= {f"kafka_streams_{commit_ms}ms_{name}": value for name, value in theirs.items()}
        p99s.append(theirs["p99_ms"])
    return figures | ({"p99_by_kafka_streams": figures["p99_ms"] / min(p99s)} if p99s else {})


def _service(size: Size) -> Figures:
    with on_cores(BROKER_CORES), stand() as service, on_cores(CONTESTANT_CORES):
        start_until_ready(service, service.settings)
        return asyncio.run(_measure(service, size, topics.INTERVENTIONS))


def _contestant(contestant: Contestant, size: Size) -> Figures:
    with on_cores(BROKER_CORES), stand() as service, on_cores(CONTESTANT_CORES):
        output = tasks_topic(service.settings.app_id)
        make_topic(service.settings, output)
        start(service, contestant, service.settings)
        log = service.home / f"{contestant.name}.log"
        wait_until(lambda: RUNNING in log.read_bytes(), service)
        return asyncio.run(_measure(service, size, output))


async def _measure(service: LocalService, size: Size, output: str) -> Figures:
    seconds = WARM_UP_SECONDS + min(LONGEST, max(SHORTEST, size.events / size.rate))
    async with Reader(service.settings, output) as reader:
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
        report_json, _ = await generator.communicate()
        report = json.loads(report_json)
        await reader.wait_for(len(report["appended"]), GRACE_SECONDS)
        service.check()
        read_at = dict(reader.read_at)
    marked = report["appended"]
    warm = min(marked.values()) + WARM_UP_SECONDS * 1_000
    took = [
        read_at[name] * 1_000 - appended
        for name, appended in marked.items()
        if name in read_at and appended >= warm
    ]
    return {
        "rate": report["rate"],
        "p50_ms": percentile(took, 0.5),
        "p99_ms": percentile(took, 0.99),
        "marked": len(took),
        "unanswered": len(marked) - len(read_at),
    }
