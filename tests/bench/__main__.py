"""``make bench``: measures, prints a table, writes ``results.json`` beside this file.

EVENTS, ACCOUNTS, TURNS, RATE, CYCLES: how much; ONLY: names of measurements, separated by commas.
"""

import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.bench import field, journal, landing, latency, memory, recovery, router, scale, tick
from tests.bench.stand import Size

RESULTS: Final = Path(__file__).with_name("results.json")
MEASUREMENTS: Final[dict[str, Callable[[Size], dict[str, float]]]] = {
    "journal": journal.measure,
    "router": router.measure,
    "recovery": recovery.measure,
    "memory": memory.measure,
    "scale": scale.measure,
    "latency": latency.measure,
    "landing": landing.measure,
    "tick": tick.measure,
    "field": field.measure,
}

console = Console()


def main() -> int:
    """Measure; exit code 1 if a measurement failed, 2 if there is no such measurement."""
    env = os.environ
    size = Size(
        events=int(env.get("EVENTS", "500000")),
        accounts=int(env.get("ACCOUNTS", "200000")),
        turns=int(env.get("TURNS", "3")),
        rate=int(env.get("RATE", "5000")),
        cycles=int(env.get("CYCLES", "20000")),
    )
    names = [name for name in env.get("ONLY", "").replace(",", " ").split() if name] or list(MEASUREMENTS)
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        console.print(f"no such measurement: {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
        return 2
    # A broker just started refuses for a moment, and the client tries again: no news.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    results: dict[str, dict[str, float]] = {}
    failed: list[str] = []
    for name in names:
        began = monotonic()
        console.print(f"measuring {name} …")
        try:
            results[name] = MEASUREMENTS[name](size)
        except Exception:
            traceback.print_exc()
            failed.append(name)
            continue
        results[name]["took_s"] = round(monotonic() - began, 1)
        _write(size, results, failed)
    _write(size, results, failed)
    if results:
        _print(results)
    return 1 if failed else 0


def _write(size: Size, results: dict[str, dict[str, float]], failed: list[str]) -> None:
    report: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": {
            "cores": os.cpu_count(),
            "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        },
        "size": size._asdict(),
        "failed": failed,
        "results": results,
    }
    RESULTS.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _print(results: dict[str, dict[str, float]]) -> None:
    table = Table(title="Medians of the turns; broker and worker on the same machine", title_justify="left")
    table.add_column("measurement")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, figures in results.items():
        for number, (figure, value) in enumerate(figures.items()):
            table.add_row("" if number else name, figure, f"{value:,.{0 if abs(value) >= 100 else 2}f}")
        table.add_section()
    console.print(table)


def _commit() -> str | None:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=RESULTS.parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None


if __name__ == "__main__":
    sys.exit(main())
