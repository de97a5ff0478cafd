"""Errors that are expected: one line on standard error that says what to do, exit code 2.

The classes are known by their names, so that no command imports what only another one can raise.
"""

import errno
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final

import click

from agents.cli.interrupts import INTERRUPTED

EXPECTED: Final = 2
"""Exit code of an expected error; an unexpected one ends with 1 and its traceback."""

# How aiokafka writes where it could not connect to.
_ADDRESS: Final = re.compile(r"\[?\('([^']+)', (\d+), <[^>]*>\)\]?")
_KAFKA: Final = "check that the broker runs and that PAYTIDE_KAFKA_BOOTSTRAP names it"
TOPIC_ADVICE: Final = "start 'paytide worker', which makes the topics, or check PAYTIDE_KAFKA_BOOTSTRAP"
_LOGIN: Final = "check PAYTIDE_KAFKA_USERNAME, PAYTIDE_KAFKA_PASSWORD(_FILE) and PAYTIDE_KAFKA_SASL_MECHANISM"
_ALLOWED: Final = "ask the broker's administrator for the rights on it"


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
        return f"{_one_line(error.format_message())}; see '{error.ctx.command_path} --help'"
    if isinstance(error, click.ClickException):
        return _one_line(error.format_message())
    for kind in type(error).__mro__:
        tell = _KNOWN.get(f"{kind.__module__}.{kind.__qualname__}")
        if tell is not None and (told := tell(error)) is not None:
            return told
    return None


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


def _one_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "; ".join(lines).replace(":; ", ": ")


def _own(error: Exception) -> str:
    return _one_line(str(error))


def _with(advice: str) -> Callable[[Exception], str]:
    def told(error: Exception) -> str:
        name = type(error).__name__
        text = _ADDRESS.sub(r"\1:\2", _one_line(str(error))).removeprefix(f"{name}: ") or name
        return f"{text.rstrip('.')}; {advice}"

    return told


def _about_settings(error: Exception) -> str | None:
    # pydantic names a model's problems; only those of the settings are the user's.
    if getattr(error, "title", None) != "Settings":
        return None
    problems = [_problem(one["loc"], one["msg"]) for one in error.errors()]  # type: ignore[attr-defined]
    return "; ".join(problems) + "; correct the environment or .env"


def _problem(place: tuple[Any, ...], message: str) -> str:
    # What is not about one setting names its own; below a setting stand pydantic's words for its types.
    told = message.removeprefix("Value error, ")
    return f"PAYTIDE_{str(place[0]).upper()}: {told}" if place else told


def _about_file(error: Exception) -> str | None:
    # Without a name it is not about a file that the user gave.
    name = getattr(error, "filename", None)
    if name is None:
        return None
    return f"{name}: {getattr(error, 'strerror', None) or error}; check the path and its permissions"


def _about_system(error: Exception) -> str | None:
    number = getattr(error, "errno", None)
    if number == errno.EACCES:
        return (
            f"{_own(error)}; this port is not for ordinary users: set PAYTIDE_METRICS_PORT to one above 1023"
        )
    if number == errno.EADDRINUSE:
        return f"{_own(error)}; another program uses this port: set PAYTIDE_METRICS_PORT, or end it"
    if number == errno.ENOSPC:
        return f"{_own(error)}; make room on the disk"
    return None


def _about_query(error: Exception) -> str | None:
    text = _one_line(str(error))
    if "UNKNOWN_TABLE" in text or "UNKNOWN_IDENTIFIER" in text or "UNKNOWN_DATABASE" in text:
        return f"{text}; run 'paytide migrate' on this database first"
    return None


_KNOWN: Final[dict[str, Callable[[Exception], str | None]]] = {
    "agents.playbooks.PlaybookError": _own,
    "agents.clickhouse.client.ClickHouseUnavailable": _own,
    "agents.clickhouse.migrate.MigrationError": _own,
    "agents.kafka.admin.TopicMismatchError": _own,
    "agents.safeguards.IngestError": _own,
    "agents.files.EventsFileError": _own,
    "agents.settings.SettingsError": _own,
    # What the broker's log says is worth its lines.
    "agents.embedded.jars.EmbeddedUnavailable": str,
    "aiokafka.errors.KafkaConnectionError": _with(_KAFKA),
    "aiokafka.errors.NodeNotReadyError": _with(_KAFKA),
    "aiokafka.errors.KafkaTimeoutError": _with(_KAFKA),
    "aiokafka.errors.UnknownTopicOrPartitionError": _with(TOPIC_ADVICE),
    "aiokafka.errors.AuthenticationFailedError": _with(_LOGIN),
    "aiokafka.errors.SaslAuthenticationFailed": _with(_LOGIN),
    "aiokafka.errors.TopicAuthorizationFailedError": _with(_ALLOWED),
    "aiokafka.errors.GroupAuthorizationFailedError": _with(_ALLOWED),
    "clickhouse_connect.driver.exceptions.OperationalError": _with("check that ClickHouse runs"),
    "clickhouse_connect.driver.exceptions.DatabaseError": _about_query,
    "pydantic_core._pydantic_core.ValidationError": _about_settings,
    "aiokafka.errors.InvalidReplicationFactorError": _with(
        "set PAYTIDE_REPLICATION_FACTOR to at most the number of brokers"
    ),
    "aiokafka.errors.InvalidPartitionsError": _with("set PAYTIDE_PARTITIONS to what the brokers allow"),
    "builtins.ConnectionRefusedError": _with(_KAFKA),
    "builtins.FileNotFoundError": _about_file,
    "builtins.PermissionError": lambda error: _about_file(error) or _about_system(error),
    "builtins.IsADirectoryError": _about_file,
    "builtins.NotADirectoryError": _about_file,
    "builtins.FileExistsError": _about_file,
    "builtins.OSError": _about_system,
}
