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
    return request.param, backtest(lines, Rules.of(book), ticking=False)


def test_facts_are_what_they_were(run: tuple[str, Result]) -> None:
    name, result = run
    assert_same(kept(f"{name}-facts"), [fact.to_json() for fact in result.facts])


def test_tasks_are_what_they_were(run: tuple[str, Result]) -> None:
    name, result = run
    assert_same(kept(f"{name}-tasks"), [task.to_json() for task in result.tasks])


def assert_same(before: Iterable[bytes], now: Iterable[bytes]) -> None:
    old, new = Counter(map(normal, before)), Counter(map(normal, now))
    gone, come = list((old - new).elements()), list((new - old).elements())
    told = f"{len(gone)} gone, such as {gone[:1]}; {len(come)} new, such as {come[:1]}"
    assert (gone, come) == ([], []), told


def normal(text: bytes) -> str:
    word: Word = msgspec.json.decode(text)
    return msgspec.json.encode(word, order="sorted").decode()
