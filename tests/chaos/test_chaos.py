"""A short run of the chaos harness, and proof that its check can fail (X1, X2)."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.run import MISMATCH

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]


def _run(folder: Path, **env: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.run"],
        env={**os.environ, **env, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def test_ten_kills_lose_double_and_change_nothing(tmp_path: Path) -> None:
    code, result = _run(tmp_path, KILLS="10", EVENTS="20000", OUTAGES="1", SEED="11", PAUSE="1")
    assert code == 0, f"the chaos run found a difference, or could not check: {result}"
    assert result["kills"] >= 10
    assert result["hot_accounts"] >= 1, "the run was to have an account with more postings than may wait"
    assert (result["lost"], result["duplicated"], result["differing"]) == (0, 0, 0)
    assert result["stray"] == 0, "the logs hold errors that nobody retrieved, or tracebacks that stop nothing"


def test_a_broken_guarantee_is_noticed(tmp_path: Path) -> None:
    """Negative controls: with a guarantee taken away the same run must end in a mismatch."""
    with ThreadPoolExecutor() as together:
        runs = {
            breaking: together.submit(
                _run, tmp_path, KILLS="8", EVENTS="16000", OUTAGES="0", SEED="12", PAUSE="2", BREAK=breaking
            )
            for breaking in ("fence", "commit-early", "landing-key")
        }
    for breaking, run in runs.items():
        code, result = run.result()
        assert code == MISMATCH, f"BREAK={breaking} went unnoticed: {result}"
        assert result["lost"] or result["duplicated"] or result["differing"], (
            f"{breaking} only shows in the logs"
        )
