"""What is inserted together: few partitions an insert, and each row known to its record."""

from datetime import date
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import FACTS
from streams.fast.rows import LandedRow
from streams.landing.batch import MOST_PARTITIONS, Batch, Refused, Values, inserts
from streams.landing.landed import SET_ASIDE, Incoming
from streams.landing.rows import PARTITIONED

ROWS: list[Values] = [("a", 1), ("a", 1), ("b", 2)]


def rows_in(years: list[int]) -> list[Values]:
    """Rows as far as the tables with partitions have them alike: account, payday, which row it is."""
    return [(f"a{number}", date(year, 1, 5), number) for number, year in enumerate(years)]


@pytest.mark.parametrize("table", PARTITIONED)
@given(years=st.lists(st.integers(1900, 2299), min_size=1, max_size=300))
def test_every_row_is_in_one_insert_and_no_insert_touches_too_many_partitions(
    table: str, years: list[int]
) -> None:
    rows = rows_in(years)
    parts = inserts(table, rows)
    paydays = [{row[1].year for row in part} for part in parts]  # type: ignore[attr-defined]
    assert max(map(len, paydays)) <= MOST_PARTITIONS
    assert len(parts) == -(-len(set(years)) // MOST_PARTITIONS), "no more inserts than needed"
    assert sum(map(len, paydays)) == len(set(years)), "no year is split"
    assert sorted(row for part in parts for row in part) == sorted(rows)
    for part in parts:
        assert [row[2] for row in part] == sorted(row[2] for row in part), "in the order they came"


@pytest.mark.parametrize("table", ["task", "dead_letter", SET_ASIDE])
def test_a_table_without_partitions_takes_one_insert(table: str) -> None:
    rows = rows_in(list(range(1900, 2299)))
    assert inserts(table, rows) == [rows]


def test_rows_are_gathered_by_table_in_their_order() -> None:
    batch = Batch()
    batch.add(FACTS, Incoming(b"", 0, 1, 0), [LandedRow("x", ("a",)), LandedRow("y", ("b",))])
    batch.add(FACTS, Incoming(b"", 0, 2, 0), [LandedRow("x", ("c",))])
    assert batch.tables == {"x": [("a",), ("c",)], "y": [("b",)]}
    assert batch.rows == 3


def test_a_refused_row_is_set_aside_with_its_own_record_though_another_is_equal() -> None:
    batch = Batch()
    for offset, values in enumerate(ROWS):
        batch.add(FACTS, Incoming(b"v%d" % offset, 7, offset, 0), [LandedRow("outflow", (*values,))])
    second = batch.tables["outflow"][1]
    [aside] = batch.set_aside([Refused("outflow", second, "DataError, column amount")])
    reason, detail = "refused", "outflow: DataError, column amount"
    assert aside == (FACTS, 7, 1, reason, detail, b"v1", 2, 0)


def test_a_record_of_which_several_rows_are_refused_is_set_aside_once() -> None:
    batch = Batch()
    batch.add(FACTS, Incoming(b"v", 0, 5, 0), [LandedRow("curve_point", values) for values in ROWS])
    refused = [Refused("curve_point", values, "why") for values in batch.tables["curve_point"]]
    assert [list(group) for _, group in groupby(batch.set_aside(refused), key=lambda row: row[2])] == [
        batch.set_aside(refused[:1])
    ]
