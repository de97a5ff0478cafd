"""Both logs of a running service, exported and folded again without it: the same to the byte (F1, X3)."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agents.cli.watching import read_all
from agents.embedded.local import LocalService
from agents.load import fill_journal
from schemas import topics

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]


def paytide(service: LocalService, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "agents", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **service.env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"paytide {arguments[0]}: {done.stderr}"
    return done.stderr


def counted(values: list[Any]) -> Counter[str]:
    return Counter(json.dumps(one, sort_keys=True) for one in values)


async def published(service: LocalService, topic: str) -> Counter[str]:
    """Values of a topic that the service wrote; of the journal, the coordinator's answers."""
    return counted(
        [
            json.loads(one.value)
            async for one in read_all(service.settings, topic)
            if topic != topics.JOURNAL or ("by", b"coordinator") in one.headers
        ]
    )


def test_the_exports_of_both_logs_come_to_what_the_service_published(
    service: LocalService, tmp_path: Path
) -> None:
    asyncio.run(fill_journal(service.settings, accounts=1_000, events=30_000, seed=7))
    service.start("worker", "one")
    service.start("worker", "two")
    service.wait_applied(200)
    out = tmp_path / "result"
    for log in ("journal", "groups"):
        paytide(service, log, "export", "--out", tmp_path / f"{log}.jsonl")
    exports = [one for log in ("journal", "groups") for one in ("--events", tmp_path / f"{log}.jsonl")]
    assert paytide(service, "backtest", *exports, "--out", out) == "", "something was said about the files"
    for name, topic in {
        "tasks": topics.INTERVENTIONS,
        "facts": topics.FACTS,
        "employers": topics.JOURNAL,
    }.items():
        lines = (out / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        found, expected = (
            counted([json.loads(line) for line in lines]),
            asyncio.run(published(service, topic)),
        )
        assert expected, f"no {name} were published: the test shows nothing"
        assert not expected - found, f"{(expected - found).total()} {name} are missing"
        assert not found - expected, f"{(found - expected).total()} {name} too many"
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["differences"] == {"found": 0, "first": None, "not_compared": 0}
    assert summary["balanced"] is True
