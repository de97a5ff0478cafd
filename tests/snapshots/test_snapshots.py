"""Facts and tasks are what they were, but for the changes named here."""

import lzma
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.files import czech_lines
from schemas.dead import Rejection
from schemas.playbook import Playbook
from streams.journal.eventsfile import Line, parse_line
from streams.playbook.rules import Rules
from streams.replay.backtest import Result, backtest
from streams.replay.look import Look

FOLDER = Path(__file__).parent
PRAGUE = {"timezone": "Europe/Prague", "currency": "CZK", "calendar": "CZ"}
Word = dict[str, Any]


def kept(name: str) -> list[bytes]:
    with lzma.open(FOLDER / f"{name}.jsonl.xz") as file:
        return file.read().splitlines()


def simulated() -> Iterator[Line | Rejection]:
    return map(parse_line, kept("simulated-events"))


@pytest.fixture(scope="module", params=["czech", "simulated"])
def run(request: pytest.FixtureRequest) -> tuple[str, Result]:
    book = Playbook.model_validate({"bank": PRAGUE} if request.param == "czech" else {})
    lines = czech_lines() if request.param == "czech" else simulated()
    return request.param, backtest(lines, Rules.of(book), Look(ticking=False))


def test_facts_are_what_they_were(run: tuple[str, Result]) -> None:
    name, result = run
    assert_same(decoded(kept(f"{name}-facts")), decoded(fact.to_json() for fact in result.facts))


def test_tasks_are_what_they_were(run: tuple[str, Result]) -> None:
    name, result = run
    before = one_version_an_event(decoded(kept(f"{name}-tasks")))
    assert_same(before, without_new_fields(decoded(task.to_json() for task in result.tasks)))


def one_version_an_event(tasks: Iterable[Word]) -> list[Word]:
    """Two rules that hold at one event made two versions of a task; they are one now (T1)."""
    versions: dict[str, list[Word]] = {}
    for task in tasks:
        known = versions.setdefault(task["task_id"], [])
        if known and known[-1]["reasons"][-1]["event_id"] == task["reasons"][-1]["event_id"]:
            known.pop()
        known.append(task | {"version": len(known) + 1})
    return [task for known in versions.values() for task in known]


def without_new_fields(tasks: Iterable[Word]) -> list[Word]:
    """Fields that tasks did not have: why a task ended (T2), whom it is about and what it says (K13)."""
    new = {"ended_by", "subject", "sentence"}
    return [{name: value for name, value in task.items() if name not in new} for task in tasks]


def decoded(texts: Iterable[bytes]) -> list[Word]:
    return [msgspec.json.decode(text) for text in texts]


def assert_same(before: list[Word], now: list[Word]) -> None:
    old, new = Counter(map(normal, before)), Counter(map(normal, now))
    gone, come = list((old - new).elements()), list((new - old).elements())
    told = f"{len(gone)} gone, such as {gone[:1]}; {len(come)} new, such as {come[:1]}"
    assert (gone, come) == ([], []), told


def normal(word: Word) -> str:
    return msgspec.json.encode(word, order="sorted").decode()
