"""Events files through the pipeline, and what is said when most of it could not be used."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from agents.cli.progress import reading
from agents.log.partitioner import partition_of
from schemas.dead import Reason, Rejection
from schemas.instant import format_instant
from streams.journal.eventsfile import Line
from streams.playbook.rules import Rules
from streams.replay.backtest import Result, backtest
from streams.replay.comparing import Difference
from streams.replay.look import look

Place = Callable[[int], dict[str, Any]]
"""Where a line is, by its number."""


class Files:
    """Events files that are read as one, in the order in which they are given."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._begins: list[int] = []

    def lines(self, what: str) -> Iterator[Line | Rejection | None]:
        """Their lines, None for a blank one. Raises ``EventsFileError``."""
        self._begins = []
        number = 0
        for path in self._paths:
            self._begins.append(number)
            with reading(path, what) as lines:
                for line in lines:
                    number += 1
                    yield line

    def place(self, number: int) -> dict[str, Any]:
        """Where a line is, counted from 1 over all of them: its file, if there are several, and its line there."""
        which = bisect_left(self._begins, number) - 1
        if len(self._paths) == 1 or which < 0:
            return {"line": number}
        return {"file": str(self._paths[which]), "line": number - self._begins[which]}


def play(events: Path, rules: Rules, until: int | None = None) -> Result:
    """Fold a file. Raises ``EventsFileError`` for one that is none, or that is cut off."""
    return play_all(Files([events]), rules, until)


def play_all(files: Files, rules: Rules, until: int | None = None) -> Result:
    """Fold files as one. Raises ``EventsFileError``."""
    seen = look(files.lines("looking at it"))
    lines = files.lines("backtest")
    return backtest(lines, rules, seen, until=until, owner=partition_of)


def say_unused(result: Result, playbook: Path | None) -> None:
    """Say on standard error that a playbook given beside a file decides nothing, since the file has one (B4)."""
    if playbook is not None and result.own_playbooks:
        click.echo(
            f"paytide: {playbook} decides nothing: the file has a playbook of its own, which holds", err=True
        )


def judge(result: Result, place: Place = lambda number: {"line": number}) -> None:
    """Say on standard error which line made others too late. Raises ``ClickException`` where the result does not
    stand for the file: most of its lines were too late, or all were refused, or what our own folds say is not what they
    said when it was written. ``place``: of a line, by its number."""
    late = result.books.dead.get(Reason.TOO_LATE, 0)
    if late and 2 * late > result.books.read:
        raise click.ClickException(
            f"{_told(result, late, place)}: the file is not in the order of the log, or that line's time is wrong; sort "
            "it by occurred_at (not newest first, nor account after account), or mend the line"
        )
    refused = sum(result.books.dead.values())
    if refused and refused == result.books.read:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(result.books.dead.items()))
        raise click.ClickException(
            f"none of {refused} records could be used ({reasons}): see docs/integration.md, Writing events"
        )
    if late:
        click.echo(f"paytide: {_told(result, late, place)}", err=True)
    if result.differences.first is not None:
        raise click.ClickException(_differing(result.differences.found, result.differences.first, place))
    if result.differences.beyond:
        click.echo(
            f"paytide: {result.differences.beyond} records were not compared: one log goes on for longer than the other",
            err=True,
        )


def _differing(found: int, first: Difference, place: Place) -> str:
    offset = "" if first.offset is None else f", offset {first.offset}"
    return (
        f"{found} differences between what the service wrote itself and what the file comes to; the first: "
        f"{_named(place(first.line))}: "
        f"{first.kind} of {format_instant(first.at)} in partition {first.partition} of {first.topic}{offset} is "
        f"{first.how}. Export both logs whole, from their beginnings, and use the version that wrote them"
    )


def _told(result: Result, late: int, place: Place) -> str:
    text = f"{late} of {result.books.read} lines were too late"
    mover = result.mover
    if mover is None:
        return text
    moved = f"{_named(place(mover.number))} moved the clock to {format_instant(mover.instant)}"
    return f"{text}; {moved}, which {mover.too_late} of them came too late for"


def _named(place: dict[str, Any]) -> str:
    return f"line {place['line']} of {place['file']}" if "file" in place else f"line {place['line']}"
