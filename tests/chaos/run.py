"""``make chaos``: faults at random moments, and at the end nothing lost, doubled or different.

The last line is one JSON object. Exit code 0: all equal, and nothing in the logs that is nobody's business to read;
1: a mismatch, or such a line; 3: could not check.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import threading
import traceback
from datetime import date
from pathlib import Path
from time import monotonic

from agents.cli.simulate import simulated
from streams.simulation.population import Population, Rates
from tests.chaos.check import Difference, check
from tests.chaos.faults import play, script
from tests.chaos.hot import with_hot_account
from tests.chaos.logs import stray_lines
from tests.chaos.producer import produce
from tests.chaos.stand import Stand

EVENTS_AN_ACCOUNT_AND_MONTH = 33
SETTLE_SECONDS = 300.0
CHUNKS = 200
SMALLEST_CHUNK = 2_000
HOT_SHARE = 5
"""One posting of the hot account for so many others: 100 000 in a day at EVENTS=500000."""
MISMATCH, UNCHECKED = 1, 3


def run(kills: int, events: int, bounces: int, outages: int, seed: int, breaking: str, pause: float) -> int:
    """One run; returns the exit code and prints the result as its last line."""
    began = monotonic()
    report: dict[str, object] = {"seed": seed, "break": breaking or None}
    home = Path(tempfile.mkdtemp(prefix="paytide-chaos-"))
    stand = Stand(home, breaking)
    try:
        stand.start()
        report["events"] = _play(stand, kills, events, bounces, outages, seed, pause)
        stand.settle(SETTLE_SECONDS)
        difference, records, hot = check(stand.service)
    except Exception:
        traceback.print_exc()
        print(f"could not check; the logs are in {home}", file=sys.stderr)
        print(json.dumps({**report, "checked": False, "seconds": round(monotonic() - began)}))
        return UNCHECKED
    finally:
        stand.close()
    stray = stray_lines(home)
    report |= {
        "journal": records,
        "hot_accounts": hot,
        "kills": stand.kills,
        "crashes": stand.crashes,
        "bounces": bounces,
        "outages": outages,
        **_counts(difference),
        "stray": len(stray),
        "checked": True,
        "seconds": round(monotonic() - began),
    }
    if difference.example or stray:
        print(difference.example[:2_000], *stray[:20], f"the logs are in {home}", sep="\n", file=sys.stderr)
    print(json.dumps(report))
    if any(_counts(difference).values()) or stray:
        return MISMATCH
    shutil.rmtree(home)
    return 0


def _play(stand: Stand, kills: int, events: int, bounces: int, outages: int, seed: int, pause: float) -> int:
    hot = events // HOT_SHARE
    faults = list(script(seed, kills, bounces, outages, pause))
    struck = 0
    over = threading.Event()

    def on_fault(number: int, name: str) -> None:
        nonlocal struck
        struck = number
        print(f"{number}/{len(faults)} {name}", file=sys.stderr, flush=True)

    def pace(written: int) -> float:
        # Spread the events over the faults: neither must be over long before the other.
        ahead = written / (events + hot) - struck / max(1, len(faults))
        return min(5.0, max(0.0, ahead * 60))

    months = max(1, min(6, events // 200_000 + 1))
    accounts = max(20, events // (EVENTS_AN_ACCOUNT_AND_MONTH * months))
    chunk = max(SMALLEST_CHUNK, events // CHUNKS)
    population = Population(seed, accounts, date(2025, 3, 1), months, Rates(malformed=0.001))
    lines = with_hot_account(simulated(population), hot)
    player = threading.Thread(target=play, args=(stand, faults, on_fault, over))
    player.start()
    try:
        written = asyncio.run(produce(stand.service.settings, lines, chunk, pace))
        player.join()
        return written
    finally:
        over.set()
        player.join()


def _counts(difference: Difference) -> dict[str, int]:
    return {
        "lost": difference.lost,
        "duplicated": difference.duplicated,
        "differing": difference.differing,
    }


if __name__ == "__main__":
    env = os.environ
    sys.exit(
        run(
            kills=int(env.get("KILLS", "10")),
            events=int(env.get("EVENTS", "40000")),
            bounces=int(env.get("BOUNCES", "0")),
            outages=int(env.get("OUTAGES", "1")),
            seed=int(env.get("SEED", "1")),
            breaking=env.get("BREAK", ""),
            pause=float(env.get("PAUSE", "2")),
        )
    )
