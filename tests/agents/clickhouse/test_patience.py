"""What the landing does, and tells, while ClickHouse takes no rows."""

from collections.abc import Mapping, Sequence

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from agents.clickhouse.errors import ClickHouseMisfit
from agents.clickhouse.patience import UNSURE_TRIES, PatientInserter
from streams.landing.batch import Refused, Values

TABLES: dict[str, list[Values]] = {"task": [("a",)]}
STORED = [Refused("task", ("a",), "why")]
LATER = DatabaseError("Code: 9999. DB::Exception: account secret (LATER)", code=9999, name="LATER")
GONE = DatabaseError("Code: 60. (UNKNOWN_TABLE)", code=60, name="UNKNOWN_TABLE")


class Scripted:
    """Raises what it is told, then stores; takes down what the landing said meanwhile."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.failures = 0
        self.said: list[str | None] = []
        self.blamed: list[bool] = []
        self.patient = PatientInserter(self, self.failed, first_wait_seconds=0.0)

    def failed(self) -> None:
        self.failures += 1

    def insert(self, tables: Mapping[str, Sequence[Values]], *, blame_rows: bool = False) -> list[Refused]:
        assert tables is TABLES
        self.said.append(self.patient.waits_for)
        self.blamed.append(blame_rows)
        if self.errors:
            raise self.errors.pop(0)
        return STORED


async def test_while_clickhouse_is_away_it_says_so_and_no_longer_once_the_rows_are_there() -> None:
    script = Scripted(*[OSError("connection refused")] * 20)
    assert await script.patient.insert(TABLES) == STORED
    assert script.said == [None, *["ClickHouse takes no rows: connection refused"] * 20]
    assert script.patient.waits_for is None
    assert script.failures == 20
    assert script.blamed == [False] * 21, "an outage is not the rows' fault, however long"


async def test_an_answer_that_may_pass_is_waited_for_then_the_rows_are_blamed() -> None:
    script = Scripted(*[LATER] * UNSURE_TRIES)
    assert await script.patient.insert(TABLES) == STORED
    assert script.blamed == [*[False] * UNSURE_TRIES, True]
    assert "secret" not in str(script.said), "such an answer may hold values"


async def test_an_answer_that_never_passes_stops_it() -> None:
    with pytest.raises(DatabaseError, match="LATER"):
        await Scripted(*[LATER] * (UNSURE_TRIES + 1)).patient.insert(TABLES)


async def test_what_no_waiting_mends_stops_it_with_advice() -> None:
    script = Scripted(GONE)
    with pytest.raises(ClickHouseMisfit, match=r"UNKNOWN_TABLE.*run 'paytide migrate'"):
        await script.patient.insert(TABLES)
    assert (script.failures, script.patient.waits_for) == (0, None)


@pytest.mark.parametrize("error", [RuntimeError("ours"), ClickHouseMisfit("it is not the rows")])
async def test_any_other_error_stops_it_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        await Scripted(error).patient.insert(TABLES)
