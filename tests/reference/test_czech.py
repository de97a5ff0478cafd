"""The reference over the real data (DESIGN 11): figures known beforehand."""

import os
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from tests.reference import Result, czech, reference

SHIPPED = Path(__file__).parents[1] / "data" / "czech-bank.csv.gz"


@pytest.fixture(scope="module")
def lines() -> list[czech.Line]:
    path = Path(os.environ.get("PAYTIDE_CZECH_CSV", SHIPPED))
    if not path.exists():
        pytest.skip("no Czech data: set PAYTIDE_CZECH_CSV or add tests/data/czech-bank.csv.gz")
    return czech.lines(path)


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
