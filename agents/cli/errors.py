"""Errors that are expected: one line on standard error that says what to do, exit code 2."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

import click

from agents import reactions
from agents.advice.system import TOPIC as TOPIC_ADVICE
from agents.cli.interrupts import INTERRUPTED
from agents.errors import one_line

__all__ = ["EXPECTED", "TOPIC_ADVICE", "Failure", "Interrupted", "explain", "quiet"]

EXPECTED: Final = 2
"""Exit code of an expected error; an unexpected one ends with 1 and its traceback."""


class Interrupted(click.ClickException):
    """Ctrl-C, as it is shown."""

    exit_code = INTERRUPTED

    def show(self, file: IO[Any] | None = None) -> None:
        """One line on standard error."""
        click.echo("paytide: interrupted", file=file, err=file is None)


class Failure(click.ClickException):
    """An expected error, as it is shown."""

    exit_code = EXPECTED

    def show(self, file: IO[Any] | None = None) -> None:
        """``paytide: …`` on standard error."""
        click.echo(f"paytide: {self.message}", file=file, err=file is None)


def explain(error: Exception) -> str | None:
    """What to tell the user, or None for an error that nobody expects."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError | click.exceptions.Exit | click.Abort | Failure):
        return None  # click shows them itself
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{one_line(error.format_message())}; see '{error.ctx.command_path} --help'"
    if isinstance(error, click.ClickException):
        return one_line(error.format_message())
    return reactions.explain(error)


@contextmanager
def quiet(*loggers: str) -> Iterator[None]:
    """Keep libraries from logging what they also raise: the exception tells it, once."""
    before = {name: logging.getLogger(name).level for name in loggers}
    for name in loggers:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
