"""An events file through the pipeline, and what is said when most of it could not be used."""

from pathlib import Path

import click

from agents.cli.progress import reading
from agents.log.partitioner import partition_of
from schemas.dead import Reason
from schemas.instant import format_instant
from streams.playbook.rules import Rules
from streams.replay.backtest import Result, backtest, has_ticks, playbooks_of


def play(events: Path, rules: Rules, until: int | None = None) -> Result:
    """Fold a file. Raises ``EventsFileError`` for one that is none, or that is cut off."""
    with reading(events, "looking for ticks") as lines:
        ticking = has_ticks(lines)
    with reading(events, "looking for playbooks") as lines:
        playbooks = playbooks_of(lines)
    with reading(events, "backtest") as lines:
        return backtest(lines, rules, ticking=ticking, playbooks=playbooks, until=until, owner=partition_of)


def say_unused(result: Result, playbook: Path | None) -> None:
    """Say on standard error that a playbook given beside a file decides nothing, since the file has one (B4)."""
    if playbook is not None and result.own_playbooks:
        click.echo(
            f"paytide: {playbook} decides nothing: the file has a playbook of its own, which holds", err=True
        )


def judge(result: Result) -> None:
    """Say on standard error which line made others too late. Raises ``ClickException`` where the result does not
    stand for the file: most of its lines were too late, or all were refused."""
    late = result.books.dead.get(Reason.TOO_LATE, 0)
    if late and 2 * late > result.books.read:
        raise click.ClickException(
            f"{_told(result, late)}: the file is not in the order of the log, or that line's time is wrong; sort it "
            "by occurred_at (not newest first, nor account after account), or mend the line"
        )
    refused = sum(result.books.dead.values())
    if refused and refused == result.books.read:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(result.books.dead.items()))
        raise click.ClickException(
            f"none of {refused} records could be used ({reasons}): see README, Writing events"
        )
    if late:
        click.echo(f"paytide: {_told(result, late)}", err=True)


def _told(result: Result, late: int) -> str:
    text = f"{late} of {result.books.read} lines were too late"
    mover = result.mover
    if mover is None:
        return text
    moved = f"line {mover.number} moved the clock to {format_instant(mover.instant)}"
    return f"{text}; {moved}, which {mover.too_late} of them came too late for"
