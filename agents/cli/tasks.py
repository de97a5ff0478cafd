"""``paytide tasks``: the interventions as they come, one sentence for every version of a task."""

from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from typing import Any

import click
from pydantic import ValidationError

from agents.cli.given import given_settings
from agents.cli.running import run
from agents.cli.values import SECONDS
from agents.cli.watching import follow
from agents.settings import Settings
from schemas.tasks import Task
from schemas.topics import INTERVENTIONS
from streams.intervention.sentences import sentence
from streams.wording.sentences import printable


@click.command(help="Watch the interventions as they come, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="The events as published, one JSON object a line.")
@click.option(
    "--language", type=click.Choice(["zh", "en"]), help="Say them in this one; default: as published."
)
@click.option("--from-beginning/--new", default=False, help="All there are, or only new ones (the default).")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many.")
@click.option("--timeout", type=SECONDS, help="Stop when none came for so many seconds.")
@click.option("--bootstrap", help="host:port of the broker; default: PAYTIDE_KAFKA_BOOTSTRAP.")
def command(
    as_json: bool,
    language: str | None,
    from_beginning: bool,
    limit: int | None,
    timeout: float | None,
    bootstrap: str | None,
) -> None:
    """Follow, print."""
    settings = given_settings(bootstrap)
    line_of = _as_published if as_json else partial(_said, language)
    try:
        count = run(_watch(settings, line_of, from_beginning, limit, timeout))
    except KeyboardInterrupt:
        return  # how a watch ends
    if limit is None or count < limit:
        click.echo(f"{count} task versions, then none for {timeout:g} s", err=True)


async def _watch(
    settings: Settings,
    line_of: Callable[[Any], str],
    from_beginning: bool,
    limit: int | None,
    timeout: float | None,
) -> int:
    count = 0
    async with aclosing(
        follow(settings, INTERVENTIONS, from_beginning=from_beginning, timeout=timeout)  # type: ignore[type-var]
    ) as records:
        async for record in records:
            click.echo(line_of(record))
            count += 1
            if count == limit:
                break
    return count


def _as_published(record: Any) -> str:
    text: str = record.value.decode()
    return text


def _said(language: str | None, record: Any) -> str:
    task = _task(record)
    if language is None and task.sentence is not None:
        return printable(task.sentence)
    return sentence(task, language or "en")


def _task(record: Any) -> Task:
    try:
        return Task.model_validate_json(record.value)
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        raise click.ClickException(
            f"{record.topic} partition {record.partition} offset {record.offset} is no task this version "
            f"knows ({place}): watch with the version that wrote it, or with --json"
        ) from error
