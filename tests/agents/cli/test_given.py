"""A variable that looks like a setting and is none is named at the start: else the default would be taken, unseen."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from agents.settings import PREFIX, Settings, unknown_settings

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_setting_is_known_in_either_case() -> None:
    names = [f"{PREFIX}{name}" for name in Settings.model_fields]
    assert unknown_settings(dict.fromkeys([*names, *map(str.upper, names)], "x")) == {}


def test_a_misspelt_one_is_found_with_the_one_it_stands_for() -> None:
    given = {"PAYTIDE_KAFKA_BOOTSTRP": "x", "PAYTIDE_XYZZY": "x", "OTHER": "x", "PAYTIDE_INTERPRETED": "1"}
    assert unknown_settings(given) == {
        "PAYTIDE_KAFKA_BOOTSTRP": "PAYTIDE_KAFKA_BOOTSTRAP",
        "PAYTIDE_XYZZY": None,
    }


def test_a_misspelt_one_in_a_dotenv_file_is_found(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PAYTIDE_PARTITION=3\nPAYTIDE_APP_ID=a\nOTHER=1\n", encoding="utf-8")
    assert unknown_settings({}) == {"PAYTIDE_PARTITION": "PAYTIDE_PARTITIONS"}


@pytest.mark.parametrize(
    "command",
    [
        ("worker",),
        ("landing",),
        ("tasks",),
        ("dlq", "list"),
        ("simulate",),
        ("journal", "export", "--out", "j.jsonl"),
        ("ingest", "e.jsonl"),
        ("curve", "a"),
        ("migrate",),
    ],
    ids=" ".join,
)
def test_every_command_with_settings_says_so_first(
    command: tuple[str, ...], paytide: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "e.jsonl").write_text("", encoding="utf-8")
    monkeypatch.setenv("PAYTIDE_TICK_SECOND", "a secret")
    monkeypatch.setenv("PAYTIDE_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("PAYTIDE_CLICKHOUSE_DSN", "http://127.0.0.1:1/db")
    shown = paytide(*command)
    assert shown.exit_code == 2, "there is no service"
    assert shown.stderr.splitlines()[0] == (
        "paytide: PAYTIDE_TICK_SECOND is no setting and changes nothing; did you mean PAYTIDE_TICK_SECONDS?"
    )
    assert shown.stderr.count("PAYTIDE_TICK_SECOND ") == 1
    assert "a secret" not in shown.output
