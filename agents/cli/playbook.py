"""``paytide playbook check | publish | diff``: the parameters, and how they change on a running log (B1)."""

from pathlib import Path
from typing import Any, Final

import click

from agents.broadcasting import broadcast
from agents.cli.errors import quiet
from agents.cli.given import given_settings
from agents.cli.running import run
from agents.cli.values import AHEAD_INSTANT
from agents.lookahead import first_of
from agents.playbooks import load_playbook
from schemas.broadcasts import PlaybookChange
from schemas.instant import format_instant
from schemas.playbook import Playbook
from streams.journal.control import FIXED

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(help="The playbook: check it, publish it, compare two.")
def command() -> None:
    """Commands on the playbook."""


@command.command(help="Whether a playbook is valid, or what is wrong with it.")
@click.argument("file", type=_FILE)
def check(file: Path) -> None:
    """Read, say."""
    book = load_playbook(file)
    click.echo(f"{file}: {book.name}, version {book.version}, is valid")


@command.command(help="Publish a playbook to every worker; it holds from an instant on.")
@click.argument("file", type=_FILE)
@click.option(
    "--from",
    "since",
    type=AHEAD_INSTANT,
    help="RFC 3339 instant, at least 5 minutes from now; without it the playbook is the first of a log that has none.",
)
def publish(file: Path, since: int | None) -> None:
    """Read, write to the log."""
    settings, book = given_settings(), load_playbook(file)
    change = first_of(book) if since is None else PlaybookChange.of(book, since)
    with quiet("aiokafka"):
        count = run(broadcast(settings, change))
    holds = "holds where the log had none" if since is None else f"holds from {format_instant(since)}"
    click.echo(f"{book.name}, version {book.version}, {holds}; written to {count} partitions")


@command.command(help="What a new playbook changes, field by field.")
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
def diff(old: Path, new: Path) -> None:
    """Read both, compare."""
    for line in differences(load_playbook(old), load_playbook(new)):
        click.echo(line)


def differences(old: Playbook, new: Playbook) -> list[str]:
    """A line for every field that differs: its path, both values, and whether it can change on a running log."""
    before, after = _fields(old.model_dump(mode="json")), _fields(new.model_dump(mode="json"))
    return [
        f"{name}: {before[name]} → {value}{' (cannot change on a running log)' if name in FIXED else ''}"
        for name, value in after.items()
        if before[name] != value
    ]


def _fields(values: dict[str, Any], under: str = "") -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            fields |= _fields(value, f"{under}{name}.")
        else:
            fields[under + name] = "null" if value is None else value
    return fields
