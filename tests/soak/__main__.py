"""``make soak``: an hour of steady load with rebalances; is memory flat, is latency flat?

SECONDS, RATE: of the load; ACCOUNTS: how many bear it; EVERY: seconds between one rebalance and the next.
Samples and figures go to ``results.json`` beside this file; the last line printed is one JSON object.
"""

import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from time import monotonic
from typing import Any, Final

from agents.landing import LANDED
from agents.log.lag import lag
from schemas import topics
from tests.e2e.reporting_worker import told
from tests.soak.figures import Sample, latency, memory
from tests.soak.stand import LANDING, Stand, every, loaded, stand

RESULTS: Final = Path(__file__).with_name("results.json")
ENTRY: Final = "tests.e2e.reporting_worker"
STEADY: Final = "worker-steady"
RESTARTED: Final = "worker-restarted"
LOOK_SECONDS: Final = 10.0
READY_SECONDS: Final = 15.0
ON_TOP_OF_SESSION: Final = 4.0
AFTERMATH_SECONDS: Final = 40.0
"""So long after a worker came back, what is measured counts as around a rebalance."""


class Restarts:
    """A worker stays away for longer than its session, so that its partitions move, and move back."""

    def __init__(self, stand: Stand) -> None:
        self.done: list[str] = []
        self._service = stand.service
        self._away = stand.service.settings.kafka_session_timeout + ON_TOP_OF_SESSION
        self._disturbed_until = 0.0
        self._under_way = False

    def disturbed(self) -> bool:
        """Whether partitions move now, or moved within the last interval."""
        return self._under_way or monotonic() < self._disturbed_until

    async def run(self, pause: float) -> None:
        """SIGTERM and SIGKILL in turn, until cancelled."""
        while True:
            await asyncio.sleep(pause)
            self._under_way = True
            how = "SIGKILL" if len(self.done) % 2 else "SIGTERM"
            end = self._service.kill if how == "SIGKILL" else self._service.stop
            await asyncio.to_thread(end, RESTARTED)
            await asyncio.sleep(self._away)
            self._service.start("worker", RESTARTED, ENTRY)
            self.done.append(how)
            self._disturbed_until = monotonic() + AFTERMATH_SECONDS
            self._under_way = False


def main(seconds: float, rate: int, accounts: int, pause: float) -> dict[str, Any]:
    """One run; returns its report."""
    with stand(keep=False) as made:
        for name in (STEADY, RESTARTED):
            made.service.start("worker", name, ENTRY)
        made.service.start("landing", LANDING)
        report, samples = asyncio.run(_run(made, seconds, rate, accounts, pause))
        report["rebalances"] = len(told(made.service.home / f"{STEADY}.log", "assigned"))
    text = json.dumps({**report, "samples": [_plain(one) for one in samples]}, indent=1)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    return report


async def _run(
    stand: Stand, seconds: float, rate: int, accounts: int, pause: float
) -> tuple[dict[str, Any], list[Sample]]:
    samples: list[Sample] = []
    await asyncio.sleep(READY_SECONDS)
    async with loaded(stand, rate, seconds, accounts) as load:
        restarts = Restarts(stand)
        restarting = asyncio.create_task(restarts.run(pause))

        def look() -> None:
            if restarting.done():
                restarting.result()  # raises what it met
            stand.service.check()
            samples.append(load.sample(stand, disturbed=restarts.disturbed()))
            _print(samples[-1])

        await every(LOOK_SECONDS, look, lambda: load.is_over)
        restarting.cancel()
        lags = await _lags(stand)
        await load.end()
        return {
            "seconds": seconds,
            "rate": round(load.rate),
            "events": round(load.rate * seconds),
            "accounts": accounts,
            "restarts": {how: restarts.done.count(how) for how in ("SIGTERM", "SIGKILL")},
            "lag_at_the_end": lags,
            "unanswered": load.matching.unanswered,
            "latency": latency(samples),
            "memory": memory(samples, {STEADY, LANDING, "broker", "clickhouse"}),
        }, samples


async def _lags(stand: Stand) -> dict[str, int]:
    settings = stand.service.settings
    return {
        "worker": await lag(settings, settings.app_id, [topics.JOURNAL]),
        "landing": await lag(settings, f"{settings.app_id}-landing", LANDED),
    }


def _print(sample: Sample) -> None:
    line = _plain(sample)
    held = ", ".join(f"{name} {mib}" for name, mib in line["resident_mib"].items())
    note = " (rebalancing)" if sample.disturbed else ""
    print(f"{line['at']:6} s  p50 {line['p50_ms']} p99 {line['p99_ms']} ms{note}  MiB: {held}", flush=True)


def _plain(sample: Sample) -> dict[str, Any]:
    figures = latency([sample._replace(disturbed=False)])
    return {
        "at": round(sample.at),
        "p50_ms": figures["p50_ms"],
        "p99_ms": figures["p99_ms"],
        "answered": len(sample.took),
        "disturbed": sample.disturbed,
        "resident_mib": {name: held >> 20 for name, held in sample.resident.items()},
    }


if __name__ == "__main__":
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    env = os.environ
    result = main(
        seconds=float(env.get("SECONDS") or "3600"),
        rate=int(env.get("RATE") or "5000"),
        accounts=int(env.get("ACCOUNTS") or "20000"),
        pause=float(env.get("EVERY") or "150"),
    )
    print(json.dumps(result))
    sys.exit(1 if result["unanswered"] else 0)
