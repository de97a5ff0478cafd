"""``paytide dlq list``: what was refused, where it stands and why.

Never what a record says, nor its key: what could not be read may be anything, personal data too.
"""

import json
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any, Final

import click

from agents.cli.given import given_settings
from agents.cli.running import run
from agents.cli.watching import read_all
from agents.settings import Settings
from schemas.dead import Reason
from schemas.instant import SECOND, format_instant
from schemas.topics import DEAD_LETTERS
from streams.wording.sentences import printable

_REASONS: Final = [reason.value for reason in Reason]
_HEADERS: Final = ("topic", "partition", "offset", "reason", "detail", "source")

DeadLetter = dict[str, Any]
"""A refused record: its headers, when it was refused (``at``) and the ``size`` of its value in bytes."""


@click.group(help="Refused records (dead letters).")
def command() -> None:
    """Commands on dead letters."""


@command.command("list", help="The newest refused records: where each stands and why it was refused.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many at most.")
@click.option("--reason", type=click.Choice(_REASONS), help="Only those refused for this.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, without the contents.")
@click.option("--bootstrap", help="host:port of the broker; default: PAYTIDE_KAFKA_BOOTSTRAP.")
def list_command(limit: int, reason: str | None, as_json: bool, bootstrap: str | None) -> None:
    """Read all, keep the newest, print."""
    counts, newest = run(collect(given_settings(bootstrap), limit, reason))
    for letter in newest:
        click.echo(json.dumps(letter) if as_json else _line(letter))
    if not as_json:
        click.echo(_summary(counts, len(newest)))


async def collect(
    settings: Settings, limit: int, reason: str | None = None
) -> tuple[Counter[str], list[DeadLetter]]:
    """How many dead letters there are by reason, and the newest ``limit`` of them, oldest first."""
    counts: Counter[str] = Counter()
    kept: dict[int, deque[DeadLetter]] = {}
    async for record in read_all(settings, DEAD_LETTERS):
        letter = _letter(record)
        counts[letter["reason"]] += 1
        if reason in (None, letter["reason"]):
            kept.setdefault(record.partition, deque(maxlen=limit)).append(letter)
    newest = sorted((letter for letters in kept.values() for letter in letters), key=lambda one: one["at"])
    return counts, newest[-limit:]


def _letter(record: Any) -> DeadLetter:
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    letter: DeadLetter = {name: headers.get(name) for name in _HEADERS}
    letter["reason"] = letter["reason"] or "unknown"
    # Whole milliseconds, so that the texts sort as the instants do.
    milliseconds = record.timestamp % 1000
    at = format_instant(record.timestamp // 1000 * SECOND).removesuffix("Z")
    return {"at": f"{at}.{milliseconds:03d}Z", **letter, "size": len(record.value or b"")}


def _line(letter: DeadLetter) -> str:
    source = f", came from {letter['source']}" if letter["source"] else ""
    return printable(
        f"{letter['at']}  {letter['reason']:<17}  {letter['topic']} partition {letter['partition']} "
        f"offset {letter['offset']}: {letter['detail']} ({letter['size']} bytes{source})"
    )


def _summary(counts: Counter[str], shown: int) -> str:
    if not counts:
        return "no dead letters"
    return f"{counts.total()} dead letters ({_parts(counts.most_common())}), {shown} shown"


def _parts(counted: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{printable(reason)} {count}" for reason, count in counted)
