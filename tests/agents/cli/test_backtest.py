"""``paytide backtest``: what it writes, and when a result does not stand for the file (O6)."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from agents.cli.backtest import write, write_files
from agents.cli.outputs import whole_folder
from tests.reference.lines import at, credit, out
from tests.streams.builders import LARGE, SHIPPED, Values, at_account, file_of
from tests.streams.journals import playbook_line

NAMES = {"tasks.jsonl", "cycles.jsonl", "facts.jsonl", "employers.jsonl", "dead.jsonl", "summary.json"}

Run = Callable[..., Result]


def written(path: Path, *lines: Values | str) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_file_is_there_and_nothing_else(paytide: Run, tmp_path: Path) -> None:
    shown = paytide("backtest", "--events", written(tmp_path / "e.jsonl", *LARGE), "--out", "new/result")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert {file.name for file in (tmp_path / "new/result").iterdir()} == NAMES


def test_a_playbook_beside_a_file_that_has_one_is_said_to_decide_nothing(
    paytide: Run, tmp_path: Path
) -> None:
    book = written(tmp_path / "b.yaml", "version: 9")
    own = playbook_line(SHIPPED.book.model_dump(mode="json") | {"version": 2}, at(5))
    events = written(tmp_path / "e.jsonl", *LARGE, own)
    shown = paytide("backtest", "--events", events, "--out", "r", "--playbook", book)
    assert shown.exit_code == 0
    assert (
        shown.stderr == f"paytide: {book} decides nothing: the file has a playbook of its own, which holds\n"
    )
    [task] = lines_of(tmp_path / "r/tasks.jsonl")
    assert task["playbook"]["version"] == 2
    assert paytide("backtest", "--events", events, "--out", "r").stderr == ""


def test_a_dead_record_is_a_line_that_says_where_and_why_and_not_what(paytide: Run, tmp_path: Path) -> None:
    elsewhere = LARGE[1] | {"key": "secret", "partition": 0, "offset": 9}
    events = written(tmp_path / "e.jsonl", LARGE[0], "", "{", elsewhere)
    assert paytide("backtest", "--events", events, "--out", "r").exit_code == 0
    assert lines_of(tmp_path / "r/dead.jsonl") == [
        {"line": 3, "reason": "malformed", "detail": "not an events file line"},
        {
            "line": 4,
            "reason": "key_mismatch",
            "detail": "the record's key must be the account_id, as UTF-8 text",
            "topic": "payday.journal.v1",
            "partition": 0,
            "offset": 9,
        },
    ]


def test_the_line_that_moved_the_clock_is_named(paytide: Run, tmp_path: Path) -> None:
    ahead = at_account(credit("q", at(300), 5), "b")
    fine = [at_account(out(f"x{n}", at(1, n), 1), "c") for n in range(5)]
    events = written(tmp_path / "e.jsonl", LARGE[0], *fine, ahead, LARGE[1])
    shown = paytide("backtest", "--events", events, "--out", "r")
    assert shown.exit_code == 0, "one line too late of eight"
    assert shown.stderr == (
        "paytide: 1 of 8 lines were too late; line 7 moved the clock to 2026-11-01T04:00:00Z, which 1 of them "
        "came too late for\n"
    )
    moved = json.loads((tmp_path / "r/summary.json").read_text(encoding="utf-8"))["clock_moved_by"]
    assert moved == {"line": 7, "instant": "2026-11-01T04:00:00Z", "too_late": 1}


def test_a_file_that_is_not_in_the_order_of_the_log_is_exit_code_2_with_its_results(
    paytide: Run, tmp_path: Path
) -> None:
    newest_first = [out(f"x{n}", at(20 - 2 * n), 1) for n in range(8)]
    shown = paytide("backtest", "--events", written(tmp_path / "e.jsonl", *newest_first), "--out", "r")
    assert shown.exit_code == 2
    assert "line 1 moved the clock" in shown.stderr
    assert "sort it by occurred_at" in shown.stderr
    assert shown.stderr.count("\n") == 1
    assert len(lines_of(tmp_path / "r/dead.jsonl")) == 7


def test_a_file_of_which_nothing_could_be_used_is_exit_code_2(paytide: Run, tmp_path: Path) -> None:
    events = written(tmp_path / "e.jsonl", *(line | {"topic": "elsewhere"} for line in LARGE))
    shown = paytide("backtest", "--events", events, "--out", "r")
    assert shown.exit_code == 2
    assert shown.stderr.startswith(f"paytide: none of {len(LARGE)} records could be used (unknown_type ")


@pytest.mark.parametrize(
    "command", [("backtest", "--out", "r", "--events"), ("curve", "a", "--events"), ("ingest",)]
)
def test_what_is_no_events_file_is_one_line_for_every_command_and_nothing_is_written(
    command: tuple[str, ...], paytide: Run, tmp_path: Path
) -> None:
    (tmp_path / "e.csv").write_text("account,amount\na,1\n", encoding="utf-8")
    shown = paytide(*command, "e.csv")
    assert shown.exit_code == 2
    assert shown.stderr.startswith("paytide: e.csv looks like CSV: ")
    assert shown.stderr.count("\n") == 1
    assert not (tmp_path / "r").exists()


def test_an_empty_file_is_an_empty_result(paytide: Run, tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text("", encoding="utf-8")
    shown = paytide("backtest", "--events", "e.jsonl", "--out", "r")
    assert (shown.exit_code, shown.stderr) == (0, "")


def test_two_backtests_into_one_folder_leave_the_files_of_one_of_them(tmp_path: Path) -> None:
    results = [file_of(LARGE[0]), file_of(*LARGE, *(out(f"x{n}", at(1, n), 1) for n in range(9)))]
    figures = []
    for number, result in enumerate(results):
        write(result, tmp_path / str(number))
        figures.append(_texts(tmp_path / str(number)))
    for _ in range(10):
        threads = [threading.Thread(target=_write_quietly, args=(one, tmp_path / "r")) for one in results]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert _texts(tmp_path / "r") in figures, "files of both stand beside each other"


def _write_quietly(result: Any, out: Path) -> None:
    # Only the main thread may take signals.
    with whole_folder(out) as folder:
        write_files(result, folder)


def _texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
