"""Every type of event goes through a partition: one without a branch in the pipeline would stop the worker (J3)."""

import json
from pathlib import Path

import pytest

from schemas.decode import decode, type_header
from schemas.events import EventType
from streams.journal.eventsfile import Line
from tests.streams.builders import Kept, record

EXAMPLES = Path(__file__).parents[3] / "schemas" / "examples"


def example(kind: EventType) -> Line:
    value = json.loads((EXAMPLES / f"{kind}.json").read_text(encoding="utf-8"))
    line = record({"topic": "payday.journal.v1", "key": value.get("account_id"), "value": value})
    assert decode(line.value, type_header(line)).type == kind  # type: ignore[union-attr]
    return line


@pytest.mark.parametrize("ticking", [True, False])
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("kind", EventType)
def test_the_example_of_every_type_is_applied(kind: EventType, together: bool, ticking: bool) -> None:
    kept = Kept(ticking=ticking)
    partition = kept.partition
    if together:
        partition.read_all([example(kind)])
    else:
        partition.read(example(kind))
    assert [one.rejection for one in partition.take().dead] == [], "the published example is refused"
    assert partition.row.books.applied == 1
