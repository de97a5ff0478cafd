"""``make backpressure``: ClickHouse away under steady load; does detection notice, does the landing's memory stay
bounded, does it catch up, is every row there?

OUTAGE: seconds; MODE: ``refuse`` or ``hang``; RATE, ACCOUNTS: the load. Figures go to ``backpressure.json`` beside
this file; the last line printed is one JSON object. Exit code 1: a row or an answer is missing.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Any, Final, NamedTuple

from agents.landing import LANDED
from agents.log.lag import lag
from tests.bench.held import start_until_ready
from tests.bench.stand import percentile
from tests.chaos.check import check_landed
from tests.soak.figures import MIB, Sample
from tests.soak.generator import POSTINGS_A_MONTH
from tests.soak.stand import LANDING, Load, Stand, loaded, stand

RESULTS: Final = Path(__file__).with_name("backpressure.json")
LOOK_SECONDS: Final = 5.0
WARM_UP_MONTHS: Final = 1.5
"""Of the load's time: until cycles close, as they do from then on, there is less to do."""
BEFORE_SECONDS: Final = 60.0
AFTER_SECONDS: Final = 60.0
"""Of load after the outage: the landing waits up to 30 s before it tries again, and then has more to do."""
SETTLE_SECONDS: Final = 600.0


class Phase(StrEnum):
    """Where a look belongs."""

    WARM_UP = "warm_up"
    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Look(NamedTuple):
    """A sample, in which phase it was taken, and how many records the landing was behind."""

    phase: Phase
    sample: Sample
    behind: int


def figures(looks: Sequence[Look], outage_over: float) -> dict[str, Any]:
    """What the looks say, by phase; ``caught_up_s`` after the outage: until the landing was no further behind
    than before it, None if it never was, while there was load; ``landing_more_mib``: the most it held after the
    outage had begun, catching up included, above the most before it."""
    found: dict[str, Any] = {
        phase.value: _of(chosen)
        for phase in Phase
        if phase != Phase.WARM_UP and (chosen := [one for one in looks if one.phase is phase])
    }
    usual = max(one.behind for one in looks if one.phase is Phase.BEFORE)
    caught_up = [one.sample.at for one in looks if one.phase is Phase.AFTER and one.behind <= usual]
    found["caught_up_s"] = round(caught_up[0] - outage_over, 1) if caught_up else None
    most = max(found[phase]["landing_mib"] for phase in ("during", "after"))
    found["landing_more_mib"] = round(most - found["before"]["landing_mib"], 1)
    return found


def _of(looks: Sequence[Look]) -> dict[str, Any]:
    took = [one for look in looks for one in look.sample.took]
    held = [look.sample.resident[LANDING] / MIB for look in looks if LANDING in look.sample.resident]
    return {
        "p50_ms": round(percentile(took, 0.5), 1) if took else None,
        "p99_ms": round(percentile(took, 0.99), 1) if took else None,
        "answered": len(took),
        "landing_mib": round(max(held), 1) if held else None,
        "landing_behind": max(look.behind for look in looks),
    }


def main(outage: float, mode: str, rate: int, accounts: int) -> dict[str, Any]:
    """One run; returns its report."""
    with stand(keep=True) as made:
        start_until_ready(made.service, made.service.settings)
        made.service.start("landing", LANDING)
        report = {"outage_s": outage, "mode": mode, "accounts": accounts}
        report |= asyncio.run(_run(made, outage, mode, rate, accounts))
        made.service.wait_applied(SETTLE_SECONDS)
        made.service.wait_landed(SETTLE_SECONDS)
        report["landing_mib_at_the_end"] = round(made.resident()[LANDING] / MIB, 1)
        difference = check_landed(made.service)
        report |= {
            "lost": difference.lost,
            "duplicated": difference.duplicated,
            "differing": difference.differing,
        }
        if difference.example:
            print(difference.example[:2_000], file=sys.stderr)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


async def _run(stand: Stand, outage: float, mode: str, rate: int, accounts: int) -> dict[str, Any]:
    looks: list[Look] = []
    warm_up = WARM_UP_MONTHS * POSTINGS_A_MONTH * accounts / rate
    seconds = warm_up + BEFORE_SECONDS + outage + AFTER_SECONDS
    async with loaded(stand, rate, seconds, accounts) as load:
        for phase, lasts in ((Phase.WARM_UP, warm_up), (Phase.BEFORE, BEFORE_SECONDS)):
            await _watch(stand, load, looks, phase, lasts)
        await asyncio.to_thread(stand.front.fault, mode, outage)
        await _watch(stand, load, looks, Phase.DURING, outage)
        over = monotonic() - load.began
        await _watch(stand, load, looks, Phase.AFTER, None)
        await load.end()
        return {
            "rate": round(load.rate),
            "events": round(load.rate * seconds),
            **figures(looks, over),
            "unanswered": load.matching.unanswered,
        }


async def _watch(stand: Stand, load: Load, looks: list[Look], phase: Phase, seconds: float | None) -> None:
    """Look until the seconds are over, or the load is."""
    until = None if seconds is None else monotonic() + seconds
    settings = stand.service.settings
    while not load.is_over and (until is None or monotonic() < until):
        await asyncio.sleep(LOOK_SECONDS)
        stand.service.check()
        behind = await lag(settings, f"{settings.app_id}-landing", LANDED)
        looks.append(Look(phase, load.sample(stand, disturbed=False), behind))
        held = looks[-1].sample.resident.get(LANDING, 0) >> 20
        print(f"{looks[-1].sample.at:6.0f} s  {phase}: landing {behind} behind, {held} MiB", flush=True)


if __name__ == "__main__":
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    env = os.environ
    result = main(
        outage=float(env.get("OUTAGE") or "600"),
        mode=env.get("MODE") or "refuse",
        rate=int(env.get("RATE") or "5000"),
        accounts=int(env.get("ACCOUNTS") or "20000"),
    )
    print(json.dumps(result))
    missing = result["lost"] + result["duplicated"] + result["differing"] + result["unanswered"]
    sys.exit(1 if missing else 0)
