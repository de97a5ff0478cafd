"""``paytide backtest``: the pipeline over an events file, without a broker (DESIGN 10)."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import msgspec

from agents.cli.progress import reading
from agents.kafka.partitioner import partition_of
from agents.playbooks import load_playbook
from schemas.facts import CYCLE_FIELDS
from schemas.instant import format_instant, parse_instant
from streams.backtest import Result, backtest, has_ticks
from streams.codec import decode as decode_account
from streams.pattern import pattern_of
from streams.rules import Rules


@click.command(
    help="Run the pipeline over an events file: tasks.jsonl, cycles.jsonl, facts.jsonl, summary.json."
)
@click.option(
    "--events",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Events file (.jsonl, .gz, .xz).",
)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Directory to write to."
)
@click.option(
    "--playbook",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML; default: the shipped one.",
)
@click.option("--timezone", help="IANA zone; overrides the playbook's.")
@click.option("--until", help="RFC 3339 instant to move the clock on to after the last line.")
def command(events: Path, out: Path, playbook: Path | None, timezone: str | None, until: str | None) -> None:
    """Read, fold, write."""
    rules = Rules.of(load_playbook(playbook, timezone))
    try:
        end = None if until is None else parse_instant(until)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--until") from error
    with reading(events, "looking for ticks") as lines:
        ticking = has_ticks(lines)
    with reading(events, "backtest") as lines:
        result = backtest(lines, rules, ticking=ticking, until=end, owner=partition_of)
    write(result, out)
    books = result.books
    click.echo(
        f"read {books.read}, applied {books.applied}, duplicate {books.duplicate}, "
        f"dead {sum(books.dead.values())}; {len(result.tasks)} task versions; see {out}"
    )


def write(result: Result, out: Path) -> None:
    """Write a result's files to a directory, which is made."""
    out.mkdir(parents=True, exist_ok=True)
    facts = [msgspec.json.decode(fact.to_json()) for fact in result.facts]
    cycles = sorted(
        ({name: fact[name] for name in CYCLE_FIELDS} for fact in facts if fact["fact"] == "account_cycle"),
        key=lambda cycle: (cycle["account_id"], cycle["cycle_payday"]),
    )
    _write_lines(out / "tasks.jsonl", (msgspec.json.decode(task.to_json()) for task in result.tasks))
    _write_lines(out / "cycles.jsonl", cycles)
    _write_lines(out / "facts.jsonl", facts)
    (out / "summary.json").write_text(
        json.dumps(summary(result, cycles), indent=2, ensure_ascii=False) + "\n"
    )


def summary(result: Result, cycles: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures of a result; records read = applied + duplicate + dead."""
    books = result.books
    clocks = [row.clock for row in result.rows.values() if row.clock is not None]
    return {
        "read": books.read,
        "applied": books.applied,
        "duplicate": books.duplicate,
        "dead": dict(sorted(books.dead.items())),
        "balanced": books.balanced,
        "accounts": len(result.accounts),
        "clock": format_instant(max(clocks)) if clocks else None,
        "cycles": len(cycles),
        "classes": _count(cycle["class"] for cycle in cycles),
        "flags": _count(flag for cycle in cycles for flag in cycle["flags"]),
        "truncated": sum(cycle["truncated"] for cycle in cycles),
        "patterns": _count(
            pattern
            for value in result.accounts.values()
            if (pattern := pattern_of(decode_account(value))) is not None
        ),
        "task_versions": len(result.tasks),
        "tasks": _count(task.kind for task in result.tasks if task.version == 1),
    }


def _count(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))


def _write_lines(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    with path.open("wb") as file:
        for one in objects:
            file.write(msgspec.json.encode(one) + b"\n")
