"""Ctrl-C ends every long command with one line and exit code 130, and leaves nothing half written."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agents.cli.interrupts import INTERRUPTED, deferred
from agents.cli.running import run
from tests.streams.builders import LARGE

TOLD = "paytide: interrupted\n"
# Each sends itself the signal once the work has gone so far, so that no test waits for a time.
AT_RECORD = """
import os, signal, sys
from agents import files
parse, count = files.parse_line, 0
def parsed(text):
    global count
    count += 1
    if count == {at}:
        os.kill(os.getpid(), signal.SIGINT)
    return parse(text)
files.parse_line = parsed
from agents.cli import main
main({arguments!r})
"""
AT_EVENT = """
import os, signal
from agents.cli import simulate
events = simulate.events
def signalled(population):
    for number, one in enumerate(events(population)):
        if number == 100:
            os.kill(os.getpid(), signal.SIGINT)
        yield one
simulate.events = signalled
from agents.cli import main
main({arguments!r})
"""


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """A file of 20 000 transfers and more, on which a backtest works for a while."""
    file = tmp_path / "events.jsonl"
    with file.open("w", encoding="utf-8") as out:
        out.write(json.dumps(LARGE[0]) + "\n")
        for number in range(20_000):
            value = {
                **LARGE[1]["value"],
                "event_id": f"x{number}",
                "account_id": f"a{number % 500}",
                "amount": 1,
            }
            out.write(json.dumps({**LARGE[1], "key": value["account_id"], "value": value}) + "\n")
    return file


def started(tmp_path: Path, code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def assert_interrupted(running: subprocess.Popen[str]) -> None:
    _, told = running.communicate(timeout=120)
    assert (running.returncode, told) == (INTERRUPTED, TOLD), "not ended in one line"


def interrupted(tmp_path: Path, code: str, *arguments: str, at: int = 0) -> None:
    with started(tmp_path, code.format(at=at, arguments=list(arguments))) as running:
        assert_interrupted(running)


@pytest.mark.parametrize("at", [5_000, 30_000], ids=["looking for ticks", "in the pipeline"])
def test_a_backtest_ends_and_writes_nothing(at: int, events: Path, tmp_path: Path) -> None:
    interrupted(tmp_path, AT_RECORD, "backtest", "--events", str(events), "--out", "r", at=at)
    assert not (tmp_path / "r").exists()


def test_a_curve_from_a_file_ends(events: Path, tmp_path: Path) -> None:
    interrupted(tmp_path, AT_RECORD, "curve", "a", "--events", str(events), at=30_000)


def test_an_ingest_ends_before_anything_is_written(events: Path, tmp_path: Path) -> None:
    interrupted(tmp_path, AT_RECORD, "ingest", str(events), at=5_000)


def test_a_simulation_ends_and_leaves_no_file(tmp_path: Path) -> None:
    interrupted(tmp_path, AT_EVENT, "simulate", "--out", "e.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_a_backtest_that_is_sent_a_signal_from_outside_ends(events: Path, tmp_path: Path) -> None:
    code = AT_RECORD.format(at=25_000, arguments=["backtest", "--events", str(events), "--out", "r"])
    with started(
        tmp_path, code.replace("os.kill(os.getpid(), signal.SIGINT)", "print('half', flush=True)")
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "half\n"
        running.send_signal(signal.SIGINT)
        assert_interrupted(running)
    assert not (tmp_path / "r").exists()


def test_a_signal_is_noted_and_raised_where_it_is_asked_for() -> None:
    before = signal.getsignal(signal.SIGINT)
    steps: list[str] = []

    def work() -> None:
        with deferred() as check:
            check()
            os.kill(os.getpid(), signal.SIGINT)
            steps.append("goes on")
            check()
            steps.append("did not stop")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps == ["goes on"]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_nobody_asked_for_is_raised_at_the_end() -> None:
    with pytest.raises(KeyboardInterrupt), deferred():
        os.kill(os.getpid(), signal.SIGINT)


def test_a_second_signal_ends_at_once() -> None:
    code = (
        "import os, signal; from agents.cli.interrupts import deferred\n"
        "with deferred():\n    while True: os.kill(os.getpid(), signal.SIGINT)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == INTERRUPTED


def test_what_an_asynchronous_command_waits_for_is_cancelled() -> None:
    ended: list[str] = []

    async def waiting() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        finally:
            ended.append("cleaned up")

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run(waiting())
    assert ended == ["cleaned up"]
    assert signal.getsignal(signal.SIGINT) is before


def test_what_an_asynchronous_command_returns_is_returned() -> None:
    async def two() -> int:
        return 2

    assert run(two()) == 2
