"""``paytide backtest``: the pipeline over an events file, without a broker (O6)."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click
import msgspec

from agents.cli.interrupts import deferred
from agents.cli.outputs import whole_folder
from agents.cli.playing import Files, Place, judge, play_all, say_unused
from agents.cli.values import FOLDER, INSTANT
from agents.playbooks import load_playbook
from schemas.facts import CYCLE_FIELDS
from schemas.instant import format_instant
from streams.detection.pattern import pattern_of
from streams.journal.books import Books
from streams.playbook.rules import Rules
from streams.replay.backtest import Result
from streams.replay.comparing import Differences
from streams.replay.refusals import DeadLine, Mover
from streams.state.codec import decode as decode_account


@click.command(
    help="Run the pipeline over events files: tasks.jsonl, cycles.jsonl, facts.jsonl, employers.jsonl, dead.jsonl, "
    "summary.json."
)
@click.option(
    "--events",
    required=True,
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Events file (.jsonl, .gz, .xz); several, such as an export of each log, are read as one.",
)
@click.option("--out", required=True, type=FOLDER, help="Directory to write to.")
@click.option(
    "--playbook",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML; default: the shipped one.",
)
@click.option("--timezone", help="IANA zone; overrides the playbook's.")
@click.option("--until", type=INSTANT, help="RFC 3339 instant to move the clock on to after the last line.")
def command(
    events: tuple[Path, ...], out: Path, playbook: Path | None, timezone: str | None, until: int | None
) -> None:
    """Read, fold, write."""
    rules = Rules.of(load_playbook(playbook, timezone))
    files = Files(events)
    result = play_all(files, rules, until)
    write(result, out, files.place)
    books = result.books
    click.echo(
        f"read {books.read}, applied {books.applied}, duplicate {books.duplicate}, "
        f"dead {sum(books.dead.values())}; {len(result.tasks)} task versions; see {out}"
    )
    say_unused(result, playbook)
    judge(result, files.place)


def _number(number: int) -> dict[str, Any]:
    return {"line": number}


def write(result: Result, out: Path, place: Place = _number) -> None:
    """Write a result's files to a directory, which is made: all of them, or none. ``place``: of a line, by its
    number."""
    with deferred() as check, whole_folder(out) as folder:
        write_files(result, folder, check, place)


def write_files(
    result: Result, folder: Path, check: Callable[[], None] = lambda: None, place: Place = _number
) -> None:
    """Write a result's files; ``check`` is called between them, and may raise."""
    facts = [msgspec.json.decode(fact.to_json()) for fact in result.all_facts]
    cycles = sorted(
        ({name: fact[name] for name in CYCLE_FIELDS} for fact in facts if fact["fact"] == "account_cycle"),
        key=lambda cycle: (cycle["account_id"], cycle["cycle_payday"]),
    )
    files = {
        "tasks.jsonl": (msgspec.json.decode(task.to_json()) for task in result.tasks),
        "cycles.jsonl": cycles,
        "facts.jsonl": facts,
        "employers.jsonl": (msgspec.json.decode(answer.to_json()) for answer in result.answers),
        "dead.jsonl": (_dead(line, place) for line in result.dead),
    }
    for name, objects in files.items():
        _write_lines(folder / name, objects)
        check()
    text = json.dumps(summary(result, cycles, place), indent=2, ensure_ascii=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")
    check()


def _dead(line: DeadLine, place: Place) -> dict[str, Any]:
    # Never what the line says: it may be personal data.
    where = {"topic": line.topic, "partition": line.partition, "offset": line.offset}
    known = {name: value for name, value in where.items() if value is not None}
    return {**place(line.number), "reason": line.rejection.reason, "detail": line.rejection.detail, **known}


def summary(result: Result, cycles: list[dict[str, Any]], place: Place = _number) -> dict[str, Any]:
    """The figures of a result; records read = applied + duplicate + dead, also of the groups log and of the answers in
    the journal, which are counted apart."""
    books = result.books
    clocks = [row.clock for row in result.rows.values() if row.clock is not None]
    return {
        "read": books.read,
        "applied": books.applied,
        "duplicate": books.duplicate,
        "dead": dict(sorted(books.dead.items())),
        "balanced": books.balanced and result.own.balanced and result.groups.balanced,
        "accounts": len(result.accounts),
        "clock": format_instant(max(clocks)) if clocks else None,
        "clock_moved_by": _moved_by(result.mover, place),
        "cycles": len(cycles),
        "classes": _count(cycle["class"] for cycle in cycles),
        "flags": _count(flag for cycle in cycles for flag in cycle["flags"]),
        "truncated": sum(cycle["truncated"] for cycle in cycles),
        "patterns": _count(
            pattern
            for key, value in result.accounts.items()
            if (pattern := pattern_of(decode_account(key, value))) is not None
        ),
        "task_versions": len(result.tasks),
        "tasks": _count(task.kind for task in result.tasks if task.version == 1),
        "answers": _books(result.own),
        "groups": _books(result.groups),
        "differences": _differences(result.differences, place),
    }


def _books(books: Books) -> dict[str, Any]:
    dead = dict(sorted(books.dead.items()))
    return {"read": books.read, "applied": books.applied, "duplicate": books.duplicate, "dead": dead}


def _differences(differences: Differences, place: Place) -> dict[str, Any]:
    first = differences.first
    told = None
    if first is not None:
        where = {"topic": first.topic, "partition": first.partition, "offset": first.offset}
        what = {"how": first.how, "type": first.kind, "at": format_instant(first.at)}
        told = {**place(first.line), **where, **what}
    return {"found": differences.found, "first": told, "not_compared": differences.beyond}


def _moved_by(mover: Mover | None, place: Place) -> dict[str, Any] | None:
    # The line whose clock made most others too late.
    if mover is None:
        return None
    return {**place(mover.number), "instant": format_instant(mover.instant), "too_late": mover.too_late}


def _count(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))


def _write_lines(path: Path, objects: Iterable[dict[str, Any]]) -> None:
    with path.open("wb") as file:
        for one in objects:
            file.write(msgspec.json.encode(one) + b"\n")
