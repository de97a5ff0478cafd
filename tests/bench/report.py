"""What came out of the measurements: tables to read, and ``results.json`` beside this file."""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.bench.stand import BROKER_CORES, CONTESTANT_CORES, Size
from tests.bench.targets import TARGETS

RESULTS: Final = Path(__file__).with_name("results.json")
Results = dict[str, dict[str, float]]


def write(size: Size, results: Results, failed: list[str]) -> None:
    """Write everything there is so far."""
    report: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "machine": {
            "cores": os.cpu_count(),
            "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
            "contestants_on_cores": CONTESTANT_CORES,
            "their_broker_on_cores": BROKER_CORES,
        },
        "size": size._asdict(),
        "failed": failed,
        "targets": [
            {
                "what": target.what,
                "figure": f"{target.measurement}.{target.figure}",
                "value": target.value(results),
                "at_least": target.at_least,
                "aim": target.aim,
                "verdict": target.verdict(target.value(results), size),
            }
            for target in TARGETS
        ],
        "results": results,
    }
    RESULTS.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def show(console: Console, size: Size, results: Results) -> None:
    """Print every figure, then what was asked for."""
    table = Table(title="Medians of the turns; broker and worker on the same machine", title_justify="left")
    table.add_column("measurement")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, figures in results.items():
        for number, (figure, value) in enumerate(figures.items()):
            table.add_row("" if number else name, figure, _number(value))
        table.add_section()
    console.print(table)
    console.print(_verdicts(size, results))


def _verdicts(size: Size, results: Results) -> Table:
    table = Table(title="Asked for and reached", title_justify="left")
    for column in ("what", "at least", "aim", "reached", "verdict"):
        table.add_column(column, justify="left" if column in ("what", "verdict") else "right")
    for target in TARGETS:
        value = target.value(results)
        sign = "≤ " if target.down else ""
        table.add_row(
            target.what,
            f"{sign}{target.at_least:,}",
            f"{sign}{target.aim:,}",
            "–" if value is None else _number(value),
            target.verdict(value, size),
        )
    return table


def _number(value: float) -> str:
    return f"{value:,.{0 if abs(value) >= 100 else 2}f}"


def _commit() -> str | None:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=RESULTS.parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None
