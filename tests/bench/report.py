"""What came out of the measurements: tables to read, and ``results.json`` beside this file.

The file keeps the last run of each measurement, so that they can be run one at a time.
"""

import json
import os
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.bench.stand import BROKER_CORES, CONTESTANT_CORES, Size
from tests.bench.targets import TARGETS, Run, Runs

RESULTS: Final = Path(__file__).with_name("results.json")


def read() -> Runs:
    """The runs that the file holds."""
    if not RESULTS.exists():
        return {}
    runs = json.loads(RESULTS.read_text(encoding="utf-8"))["runs"]
    return {name: Run(**{**run, "size": Size(**run["size"])}) for name, run in runs.items()}


def run_of(size: Size, figures: dict[str, float]) -> Run:
    """A run that has just ended."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Run(at, _commit(), _machine(), size, figures)


def write(runs: Runs) -> None:
    """Write runs, and what they come to."""
    report: dict[str, Any] = {
        "targets": [
            {
                "what": target.what,
                "figure": f"{target.measurement}.{target.figure}",
                "value": target.value(runs),
                "at_least": target.at_least,
                "aim": target.aim,
                "verdict": target.verdict(runs),
            }
            for target in TARGETS
        ],
        "runs": {name: {**run._asdict(), "size": run.size._asdict()} for name, run in runs.items()},
    }
    RESULTS.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def show(console: Console, runs: Runs, names: Iterable[str]) -> None:
    """Print every figure of some runs, and then what all of them come to."""
    table = Table(title="Medians of the turns; broker and worker on the same machine", title_justify="left")
    table.add_column("measurement")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name in names:
        for number, (figure, value) in enumerate(runs[name].figures.items()):
            table.add_row("" if number else name, figure, _number(value))
        table.add_section()
    console.print(table)
    console.print(_verdicts(runs))


def _verdicts(runs: Runs) -> Table:
    table = Table(title="Asked for and reached, each by its last run", title_justify="left")
    for column in ("what", "at least", "aim", "reached", "verdict"):
        table.add_column(column, justify="left" if column in ("what", "verdict") else "right")
    for target in TARGETS:
        value = target.value(runs)
        sign = "≤ " if target.down else ""
        table.add_row(
            target.what,
            f"{sign}{target.at_least:,}",
            f"{sign}{target.aim:,}",
            "–" if value is None else _number(value),
            target.verdict(runs),
        )
    return table


def _number(value: float) -> str:
    return f"{value:,.{0 if abs(value) >= 100 else 2}f}"


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "contestants_on_cores": CONTESTANT_CORES,
        "their_broker_on_cores": BROKER_CORES,
    }


def _commit() -> str | None:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=RESULTS.parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None
