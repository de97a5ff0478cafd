"""The check of the logs can fail, and lets pass what says why a process stops."""

from pathlib import Path

from tests.chaos.logs import stray_lines

AT = "[2026-11-27 04:04:57,019] [27283]"
UNTOLD = f"{AT} [ERROR] Future exception was never retrieved"
STOP = f"{AT} [CRITICAL] payday.journal.v1-2: the pipeline failed, the worker stops: ProducerFenced()"
ENDS = f"{AT} [CRITICAL] the service stops: payday.groups.v1-1: ProducerFenced()"
TRACEBACK = ["Traceback (most recent call last):", '  File "x.py", line 1, in y', "ProducerFenced"]


def stray(folder: Path, *lines: str, name: str = "worker-1") -> list[str]:
    (folder / f"{name}.log").write_text("\n".join(lines))
    return stray_lines(folder)


def test_an_exception_that_nobody_retrieved_is_one(tmp_path: Path) -> None:
    assert stray(tmp_path, UNTOLD, *TRACEBACK) == [f"worker-1.log: {UNTOLD}"]


def test_a_traceback_that_says_why_a_worker_stops_is_none(tmp_path: Path) -> None:
    assert stray(tmp_path, STOP, *TRACEBACK, f"{AT} [WARNING] goodbye") == []
    assert stray(tmp_path, ENDS, *TRACEBACK, f"{AT} [WARNING] goodbye") == []


def test_any_other_traceback_is_one_and_is_named_by_what_logged_it(tmp_path: Path) -> None:
    logged = f"{AT} [ERROR] Unexpected error in sender routine"
    assert stray(tmp_path, STOP, logged, *TRACEBACK) == [f"worker-1.log: {logged}"]
    assert stray(tmp_path, *TRACEBACK) == [f"worker-1.log: {TRACEBACK[0]}"]


def test_warnings_are_none_and_only_workers_and_landing_are_looked_at(tmp_path: Path) -> None:
    assert stray(tmp_path, f"{AT} [WARNING] Heartbeat failed") == []
    assert stray(tmp_path, UNTOLD, name="front") == []
    assert stray(tmp_path, UNTOLD, name="landing") == [f"landing.log: {UNTOLD}"]
