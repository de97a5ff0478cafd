"""Parsing in a test does not depend on the collector."""

import ast
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parsing import parse

ROOT = Path(__file__).parents[1]
PARSING = "tests/parsing.py"
SOURCE = "\n".join(f"a{number} = [{number}, (b, {{'c': d[{number}]}})]" for number in range(200))


class Parses:
    """Garbage, in a cycle, that parses when it is collected: as a logged traceback does."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        ast.parse("x = [1, (2, {3: y})]")


@pytest.fixture
def eager_collector() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(200, 2, 2)
    yield
    gc.set_threshold(*before)
    gc.collect()  # or this garbage would disturb whoever parses next


@pytest.mark.usefixtures("eager_collector")
def test_garbage_that_parses_when_it_is_collected_does_not_disturb_a_parse() -> None:
    for _ in range(10):
        for _ in range(20):
            Parses()
        assert len(parse(SOURCE).body) == 200
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        parse("a")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_no_test_parses_in_another_way() -> None:
    call = "ast." + "parse("
    found = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if call in path.read_text()
    ]
    assert found == [PARSING, "tests/test_parsing.py"], "use tests.parsing.parse"
