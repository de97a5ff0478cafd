"""Every command, every option, every setting: a wrong value is one line on standard error, and exit code 2.

The tables are held complete: an option or a setting that has no row fails.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click
import pytest
from click.testing import Result

from agents.cli import COMMANDS
from agents.settings import Settings

Run = Callable[..., Result]

NUMBERS: Final = ("x", "1.5", "", "nan")
COUNTS: Final = (*NUMBERS, "0", "-1", "9" * 30)
INSTANTS: Final = (
    "",
    "tomorrow",
    "2026-01-05",
    "2026-01-05T09:00:00",
    "10000-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
)
DAYS: Final = ("", "x", "2026-02-30", "10000-01-01", "0001-01-01", "9999-12-01", "05.01.2026")
SERVERS: Final = (
    "",
    "broker",
    ":9092",
    "broker:",
    "broker:x",
    "broker:0",
    "broker:70000",
    "a:1,",
    "a:1,b",
    "a b:1",
)
INPUTS: Final = ("", "missing", "folder", "events.csv")
OUTPUTS: Final = ("folder", "missing/e.jsonl", "events.csv/below")
FOLDERS: Final = ("", "events.csv", "events.csv/below")
ZONES: Final = ("", "Mars/Olympus", "/etc/passwd", "../UTC")
DSNS: Final = ("", "nonsense", "mysql://h/db", "http://127.0.0.1:70000/db", "http://127.0.0.1:1/db")
TEXTS: Final = ("", " ", "a\tb", "a\x1b[2J")

Row = tuple[tuple[str, ...], tuple[str, ...]]

# (Command, option or argument): the rest of a command line that is right but for it, and values that are wrong.
WRONG: Final[dict[tuple[str, str], Row]] = {
    ("demo", "home"): ((), (*FOLDERS, ".")),
    ("simulate", "accounts"): (("--out", "o"), COUNTS),
    ("simulate", "months"): (("--out", "o"), COUNTS),
    ("simulate", "start"): (("--out", "o"), DAYS),
    ("simulate", "seed"): (("--out", "o"), NUMBERS),
    ("simulate", "out"): (("--accounts", "1"), OUTPUTS),
    ("simulate", "truth_file"): (("--accounts", "1", "--out", "o"), OUTPUTS),
    ("simulate", "lines_per_tick"): ((), (*NUMBERS, "0", "-1")),
    ("ingest", "file"): ((), INPUTS),
    ("ingest", "lines_per_tick"): (("events.jsonl",), (*NUMBERS, "0", "-1")),
    ("ingest", "until"): (("events.jsonl",), (*INSTANTS, "8999-01-01T00:00:00Z")),
    ("backtest", "events"): (("--out", "o"), INPUTS),
    ("backtest", "out"): (("--events", "events.jsonl"), FOLDERS),
    ("backtest", "playbook"): (("--events", "events.jsonl", "--out", "o"), INPUTS),
    ("backtest", "timezone"): (("--events", "events.jsonl", "--out", "o"), ZONES),
    ("backtest", "until"): (("--events", "events.jsonl", "--out", "o"), INSTANTS),
    ("journal export", "out"): ((), OUTPUTS),
    ("groups export", "out"): ((), OUTPUTS),
    ("playbook check", "file"): ((), INPUTS),
    ("playbook publish", "file"): (("--from", "2999-01-01T00:00:00Z"), INPUTS),
    ("playbook publish", "since"): (("book.yaml",), (*INSTANTS, "2026-01-05T09:00:00+08:00")),
    ("playbook diff", "old"): ((), INPUTS),
    ("playbook diff", "new"): (("book.yaml",), INPUTS),
    ("live", "since"): ((), (*INSTANTS, "2026-01-05T09:00:00+08:00")),
    ("calendar publish", "code"): ((), ("", "Mars", "XX")),
    ("calendar publish", "version"): ((), COUNTS),
    ("calendar publish", "valid_until"): ((), (*DAYS, "2004-01-01")),
    ("tasks", "limit"): ((), (*NUMBERS, "0", "-1")),
    ("tasks", "timeout"): ((), ("x", "", "nan", "inf", "-inf", "-1")),
    ("tasks", "bootstrap"): ((), SERVERS),
    ("tasks", "language"): ((), ("", "fr", "ZH")),
    ("curve", "account"): (("--events", "events.jsonl"), TEXTS),
    ("curve", "employer"): (("--events", "events.jsonl"), TEXTS),
    ("curve", "payday"): (("a", "--events", "events.jsonl"), DAYS),
    ("curve", "events"): (("a",), INPUTS),
    ("curve", "playbook"): (("a", "--events", "events.jsonl"), INPUTS),
    ("curve", "timezone"): (("a", "--events", "events.jsonl"), ZONES),
    ("curve", "dsn"): (("a",), DSNS),
    ("migrate", "dsn"): ((), DSNS),
    ("schemas export", "out"): ((), FOLDERS),
    ("dlq list", "limit"): ((), (*NUMBERS, "0", "-1")),
    ("dlq list", "reason"): ((), ("", "x", "TOO_LATE?")),
    ("dlq list", "bootstrap"): ((), SERVERS),
}

TLS: Final = {"PAYTIDE_KAFKA_SECURITY_PROTOCOL": "SSL"}
SASL: Final = {"PAYTIDE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "PAYTIDE_KAFKA_USERNAME": "u"}
SECONDS: Final = ("x", "", "nan", "inf", "-inf", "-1", "1e9")
NAMES: Final = ("", " ", "a b", "a/b", "ä", "a" * 300)
SECRETS: Final = ("missing", "folder", "empty", "binary")

# Setting: other settings without which it is not looked at, and values that are wrong.
WRONG_SETTINGS: Final[dict[str, tuple[dict[str, str], tuple[str, ...]]]] = {
    "app_id": ({}, NAMES),
    "kafka_bootstrap": ({}, SERVERS),
    "kafka_security_protocol": ({}, ("", "TLS")),
    "kafka_sasl_mechanism": ({}, ("", "GSSAPI")),
    "kafka_username": (SASL, ("",)),
    "kafka_password": (SASL, ("",)),
    "kafka_password_file": (SASL, SECRETS),
    "kafka_ca_file": (TLS, (*SECRETS, "events.csv")),
    "kafka_compression": ({}, ("", "brotli")),
    "kafka_session_timeout": ({}, (*SECONDS, "0")),
    "instance_id": ({}, NAMES),
    "partitions": ({}, (*COUNTS, "501")),
    "replication_factor": ({}, (*COUNTS, "40000")),
    "clickhouse_dsn": ({}, DSNS),
    "clickhouse_dsn_file": ({}, SECRETS),
    "playbook": ({}, ("", "missing", "folder")),
    "timezone": ({}, ZONES),
    "tick_seconds": ({}, SECONDS),
    "metrics_port": ({}, (*NUMBERS, "-1", "70000")),
    "max_records": ({}, COUNTS),
    "max_waiting_bytes": ({}, COUNTS),
    "max_fetch_bytes": ({}, COUNTS),
    "transaction_timeout": ({}, (*SECONDS, "0")),
    "dead_letter_limit": ({}, (*NUMBERS, "-1")),
    "landing_rows": ({}, COUNTS),
    "landing_seconds": ({}, (*SECONDS, "0")),
    "landing_fetch_bytes": ({}, COUNTS),
    "landing_waiting_bytes": ({}, COUNTS),
}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command that can be called, groups resolved, by its words."""
    for name, (where, _) in COMMANDS.items():
        module, _, attribute = where.partition(":")
        command = getattr(import_module(module), attribute)
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", one) for below, one in command.commands.items())
        else:
            yield name, command


def parameters() -> dict[tuple[str, str], click.Parameter]:
    """Every option and argument that takes a value."""
    return {
        (name, str(one.name)): one
        for name, command in commands()
        for one in command.params
        if not getattr(one, "is_flag", False)
    }


def cases() -> Iterator[Any]:
    given = parameters()
    for (command, name), (rest, values) in WRONG.items():
        one = given.get((command, name))
        for value in values:
            words = (
                [value] if isinstance(one, click.Argument) else [max(one.opts, key=len), value] if one else []
            )
            yield pytest.param([*command.split(), *rest, *words], id=f"{command} {name}={value[:40]!r}")


def settings_cases() -> Iterator[Any]:
    for name, (others, values) in WRONG_SETTINGS.items():
        for value in values:
            yield pytest.param({**others, f"PAYTIDE_{name.upper()}": value}, id=f"{name}={value[:40]!r}")


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tables' names stand for; and no service anywhere, so that nothing is ever waited for."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "events.csv").write_text("account,amount\na,1\n", encoding="utf-8")
    (tmp_path / "events.jsonl").write_text("", encoding="utf-8")
    (tmp_path / "book.yaml").write_text("version: 2\n", encoding="utf-8")
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("PAYTIDE_KAFKA_BOOTSTRAP", "127.0.0.1:1")


def assert_one_line(shown: Result) -> None:
    assert shown.exit_code == 2, f"{shown.exit_code}: {shown.output} {shown.exception!r}"
    assert shown.stderr.startswith("paytide: ")
    assert shown.stderr.count("\n") == 1, shown.stderr
    assert "Traceback" not in shown.stderr


def test_every_option_has_a_row() -> None:
    assert set(WRONG) == set(parameters()), "an option without wrong values, or a row without an option"


def test_every_setting_has_a_row() -> None:
    assert set(WRONG_SETTINGS) == set(Settings.model_fields)


@pytest.mark.parametrize("arguments", cases())
def test_a_wrong_value_is_one_line(arguments: list[str], paytide: Run) -> None:
    assert_one_line(paytide(*arguments))


@pytest.mark.parametrize("variables", settings_cases())
def test_a_wrong_setting_is_one_line(
    variables: dict[str, str], paytide: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    shown = paytide("migrate") if "PAYTIDE_CLICKHOUSE_DSN" in variables else paytide("tasks")
    assert_one_line(shown)
    assert "127.0.0.1:1;" not in shown.stderr, "the value was taken, and only the broker was not there"


@pytest.mark.parametrize(
    "arguments",
    [
        ("simulate", "--nonsense"),
        ("simulate", "surplus"),
        ("backtest", "--events", "events.jsonl"),
        ("backtest", "--events"),
        ("dlq", "nonsense"),
        ("journal", "export"),
        ("groups", "export"),
        ("curve",),
        ("nonsense",),
    ],
    ids=" ".join,
)
def test_a_command_line_that_is_not_understood_is_one_line_too(
    arguments: tuple[str, ...], paytide: Run
) -> None:
    assert_one_line(paytide(*arguments))
