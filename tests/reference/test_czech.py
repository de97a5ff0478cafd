"""The reference over the real data (deploy/data/README.md): figures known beforehand."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from tests.reference import Result, czech, reference
from tests.streams.test_against_reference import curves_of, cycles_of, run_backtest

SHIPPED = Path(__file__).parents[2] / "deploy" / "data" / "czech-bank.csv.xz"


@pytest.fixture(scope="module")
def lines() -> list[czech.Line]:
    return czech.lines(SHIPPED)


@pytest.fixture(scope="module")
def result(lines: list[czech.Line]) -> Result:
    return reference(lines, timezone=czech.ZONE)


def test_every_line_is_applied(result: Result) -> None:
    assert result.counts == {"read": 30_200, "applied": 30_200, "duplicate": 0, "dead": {}}


def test_cycles(result: Result) -> None:
    assert len(result.cycles) == 1_448
    classes = Counter(cycle["class"] for cycle in result.cycles)
    assert classes == {"loyal": 987, "spend_down": 458, "transfer_out": 3}
    assert len({cycle["account_id"] for cycle in result.cycles}) == 113


def test_flags(result: Result) -> None:
    assert Counter(flag for cycle in result.cycles for flag in cycle["flags"]) == {"single_large": 30}


def test_the_final_clock_is_the_largest_occurred_at(lines: list[czech.Line], result: Result) -> None:
    assert result.clock == max(datetime.fromisoformat(line["value"]["occurred_at"]) for line in lines)


def test_the_pipeline_agrees_field_by_field(lines: list[czech.Line], result: Result) -> None:
    """The real data through the streaming fold: the same cycles and curves, not only the same counts."""
    history = {"lines": lines, "timezone": czech.ZONE, "bank_code": None, "until": None}
    streamed = run_backtest(history)
    assert cycles_of(streamed) == result.cycles
    assert curves_of(streamed) == {key: curve for key, curve in result.curves.items() if curve}
