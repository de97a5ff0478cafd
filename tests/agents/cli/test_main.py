"""``paytide`` itself: its help, its start-up, its errors."""

import subprocess
import sys
from collections.abc import Callable
from importlib import import_module

import click
import pytest
from click.testing import CliRunner, Result

from agents.cli import COMMANDS
from agents.cli.errors import explain
from agents.cli.lazy import LazyGroup

SLOW = ("faust", "aiokafka", "clickhouse_connect", "chdb", "rich", "pydantic", "yaml")


def imported_by(code: str) -> set[str]:
    """The slow modules a fresh interpreter has imported after ``code``."""
    report = f"import sys; {code}; print(*[name for name in {SLOW!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def failing(error: Exception) -> LazyGroup:
    @click.command
    def command() -> None:
        raise error

    group = LazyGroup("paytide", lazy={})
    group.get_command = lambda ctx, cmd_name: command  # type: ignore[method-assign]
    return group


def test_the_help_shows_every_command_without_importing_one() -> None:
    code = "from agents.cli import main; main(['--help'], standalone_mode=False)"
    assert imported_by(code) == set()


def test_the_help_names_them_all(paytide: Callable[..., Result]) -> None:
    shown = paytide("--help")
    assert shown.exit_code == 0
    for name, (_, about) in COMMANDS.items():
        assert f"  {name}" in shown.stdout
        assert about in shown.stdout


@pytest.mark.parametrize("command", ["backtest", "curve", "ingest", "worker", "landing", "tasks", "schemas"])
def test_no_help_waits_for_faust(command: str) -> None:
    code = f"from agents.cli import main; main(['{command}', '--help'], standalone_mode=False)"
    assert "faust" not in imported_by(code)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says(name: str) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    assert isinstance(getattr(import_module(module), attribute), click.Command)


def test_python_m_agents_is_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "agents", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("paytide 0.")


def test_an_unknown_command_is_a_usage_error(paytide: Callable[..., Result]) -> None:
    shown = paytide("nonsense")
    assert shown.exit_code == 2
    assert "No such command 'nonsense'" in shown.stderr


def test_an_expected_error_is_one_line_and_exit_code_2(paytide: Callable[..., Result]) -> None:
    shown = paytide("tasks", "--bootstrap", "127.0.0.1:1")
    assert shown.exit_code == 2
    assert shown.stdout == ""
    assert shown.stderr == (
        "paytide: Unable to bootstrap from 127.0.0.1:1; check that the broker runs and that "
        "PAYTIDE_KAFKA_BOOTSTRAP names it\n"
    )


def test_an_unexpected_error_keeps_its_traceback() -> None:
    code = (
        "import agents.cli.words as words; words.words.json_schemas = lambda: 1 / 0; "
        "from agents.cli import main; main(['schemas', 'export', '--out', '/tmp'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_a_click_exception_of_a_command_is_an_expected_error() -> None:
    shown = CliRunner().invoke(failing(click.ClickException("no such thing; make one")), ["x"])
    assert (shown.exit_code, shown.stderr) == (2, "paytide: no such thing; make one\n")


def test_settings_that_do_not_parse_are_named(
    paytide: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYTIDE_PARTITIONS", "many")
    shown = paytide("tasks")
    assert shown.exit_code == 2
    assert shown.stderr.startswith("paytide: PAYTIDE_PARTITIONS: ")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FileNotFoundError(2, "No such file or directory", "x.jsonl"), "x.jsonl: No such file or directory"),
        (FileNotFoundError("not about a file of the user's"), None),
        (OSError(98, "address in use"), "set PAYTIDE_METRICS_PORT"),
        (BrokenPipeError(32, "pipe"), None),
        (ValueError("a bug"), None),
    ],
)
def test_only_what_the_user_can_mend_is_expected(error: Exception, told: str | None) -> None:
    found = explain(error)
    assert (found is None) == (told is None)
    assert told is None or (found is not None and told in found)
