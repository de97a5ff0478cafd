"""``make bench``: measures, prints figures and verdicts, writes ``results.json`` beside this file.

EVENTS, ACCOUNTS, TURNS, RATE, CYCLES: how much; ONLY: names of measurements, CONTESTANTS: of those in the
field, separated by commas. All of it takes an hour or more; the file keeps the last run of each measurement,
so they can be run one at a time.
"""

import logging
import os
import sys
import traceback
from collections.abc import Callable
from time import monotonic
from typing import Final

from rich.console import Console

from tests.bench import contestants, field, journal, landing, latency, memory, recovery, router, scale, tick
from tests.bench.report import read, run_of, show, write
from tests.bench.stand import Size

MEASUREMENTS: Final[dict[str, Callable[[Size], dict[str, float]]]] = {
    "journal": journal.measure,
    "router": router.measure,
    "field": field.measure,
    "latency": latency.measure,
    "recovery": recovery.measure,
    "memory": memory.measure,
    "scale": scale.measure,
    "landing": landing.measure,
    "tick": tick.measure,
}

console = Console()


def main() -> int:
    """Measure; exit code 1 if a measurement failed, 2 if there is no such measurement or contestant."""
    size = _size()
    names = os.environ.get("ONLY", "").replace(",", " ").split() or list(MEASUREMENTS)
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        console.print(f"no such measurement: {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
        return 2
    try:
        contestants.chosen()
    except ValueError as error:
        console.print(error)
        return 2
    # A broker just started refuses for a moment, and the client tries again: no news.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    runs, done, failed = read(), [], []
    for name in names:
        began = monotonic()
        console.print(f"measuring {name} …")
        try:
            figures = MEASUREMENTS[name](size)
        except Exception:
            traceback.print_exc()
            failed.append(name)
            runs.pop(name, None)
        else:
            done.append(name)
            runs[name] = run_of(size, figures | {"took_s": round(monotonic() - began, 1)})
        write(runs)
    show(console, runs, done)
    if failed:
        console.print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _size() -> Size:
    env = os.environ
    return Size(
        events=int(env.get("EVENTS", "500000")),
        accounts=int(env.get("ACCOUNTS", "1000000")),
        turns=int(env.get("TURNS", "3")),
        rate=int(env.get("RATE", "5000")),
        cycles=int(env.get("CYCLES", "100000")),
    )


if __name__ == "__main__":
    sys.exit(main())
