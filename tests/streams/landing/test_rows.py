"""A record in, its rows out: complete, deterministic, and whatever is not ours set aside."""

from datetime import date

import pytest

from schemas.tasks import Task
from schemas.topics import DEAD_LETTERS, FACTS, INTERVENTIONS, JOURNAL
from streams.landing.landed import Incoming
from streams.landing.rows import rows_of
from tests.streams.landing.landed_words import (
    AT,
    CURVE,
    CYCLE,
    EMPLOYER_PAYDAY,
    HOT,
    OUTFLOW,
    REFUSED,
    TAKEN,
    TASK,
    WITHHELD,
    named,
    published,
)


def test_a_cycle_is_one_row() -> None:
    [row] = rows_of(FACTS, published(CYCLE))
    assert row.table == "account_cycle"
    assert named(row) == {
        **CYCLE.model_dump(exclude={"fact", "playbook"}),
        "playbook_name": "default",
        "playbook_version": 3,
        "cycle_payday": date(2026, 1, 5),
        "closed_at": AT,
        "version": 42,
    }


def test_a_curve_is_a_row_a_day() -> None:
    rows = rows_of(FACTS, published(CURVE))
    assert {row.table for row in rows} == {"curve_point"}
    assert [(named(row)["day"], named(row)["balance"]) for row in rows] == [(d, 7 - d) for d in range(8)]
    assert named(rows[0])["retained"] == "0.500000"


def test_an_outflow_is_a_row_a_transfer() -> None:
    first, second = map(named, rows_of(FACTS, published(OUTFLOW)))
    assert (first["event_id"], first["bank_code"], first["habitual"]) == ("0", "B1", False)
    assert (second["event_id"], second["bank_code"], second["habitual"]) == ("1", None, True)
    assert first["occurred_at"] == AT


def test_a_playbook_taken_or_refused_is_one_row() -> None:
    [taken], [refused] = (rows_of(FACTS, published(fact)) for fact in (TAKEN, REFUSED))
    assert named(taken) == {
        **TAKEN.model_dump(exclude={"fact", "playbook"}),
        **{"playbook_name": "default", "playbook_version": 3, "version": 42},
    }
    assert named(refused) == {
        **REFUSED.model_dump(exclude={"fact", "playbook"}),
        **{"since": AT, "at": AT, "playbook_name": None, "playbook_version": None, "version": 42},
    }


def test_a_payday_of_an_employer_is_one_row() -> None:
    [row] = rows_of(FACTS, published(EMPLOYER_PAYDAY))
    assert named(row) == {
        **EMPLOYER_PAYDAY.model_dump(exclude={"fact", "playbook", "coverage", "expected"}),
        **{"at": AT, "payday": date(2026, 1, 5)},
        **{"products_known": 2, "products": 7, "three_products": 1, "five_products": 0},
        **{"playbook_name": "default", "playbook_version": 3, "version": 42},
    }


def test_a_withheld_version_is_one_row_that_holds_the_whole_task() -> None:
    [row] = rows_of(FACTS, published(WITHHELD))
    found = named(row)
    assert Task.model_validate_json(str(found.pop("task"))) == TASK
    assert found == {
        **{name: getattr(TASK, name) for name in ("task_id", "version", "kind", "status", "account_id")},
        **{"cycle_payday": date(2026, 1, 5), "created_at": AT, "fact_id": "f7", "landed": 42},
        **{"playbook_name": "default", "playbook_version": 3},
    }


def test_a_hot_account_is_one_row() -> None:
    [row] = rows_of(FACTS, published(HOT))
    assert row.table == "hot_account"
    assert named(row) == {
        **HOT.model_dump(exclude={"fact", "playbook"}),
        "day": date(2026, 1, 12),
        "folded_to": AT,
        "playbook_name": "default",
        "playbook_version": 3,
        "version": 42,
    }


def test_a_task_keeps_its_version_and_where_it_landed() -> None:
    [row] = rows_of(INTERVENTIONS, published(TASK))
    values = named(row)
    assert (values["version"], values["landed"], values["rules"]) == (2, 42, ["single_large"])
    assert values["curve"] == '[{"day":0,"retained":null,"balance":null}]'
    plain = TASK.model_fields.keys() - {"reasons", "curve", "playbook"}
    assert {name: values[name] for name in plain} == {name: getattr(TASK, name) for name in plain}


@pytest.mark.parametrize("value", [b"\xff{not json", b"", None])
def test_a_dead_letter_keeps_the_bytes_and_its_source(value: bytes | None) -> None:
    headers = (
        ("topic", JOURNAL.encode()),
        ("partition", b"3"),
        ("offset", b"99"),
        ("reason", b"malformed"),
        ("detail", b"not JSON"),
    )
    [row] = rows_of(DEAD_LETTERS, Incoming(value, 1, 42, 1_700_000_000_123, headers))
    assert named(row) == {
        "topic": JOURNAL,
        "partition": 3,
        "offset": 99,
        "reason": "malformed",
        "detail": "not JSON",
        "value": value,
        "size": len(value or b""),
        "recorded_at": 1_700_000_000_123_000,
        "landed_partition": 1,
        "landed_offset": 42,
        "version": 42,
    }
