"""A record in, its rows out: complete, deterministic and loud about what is not ours."""

import time
from datetime import date
from typing import Any

import pytest

from schemas.facts import AccountCycle, Curve, CurvePoint, Fact, HotAccount, Leaving, Outflow, PlaybookRef
from schemas.instant import parse_instant
from schemas.tasks import Habitual, Task, TaskReason
from schemas.topics import DEAD_LETTERS, FACTS, INTERVENTIONS, JOURNAL
from streams.landing import COLUMNS, Incoming, LandingError, Row, by_table, rows_of

AT = parse_instant("2026-01-12T16:00:00.000001Z")
PLAYBOOK = PlaybookRef(name="default", version=3)
HABIT = Habitual(amount=400, day=1, hour=9)
REASON = TaskReason(rule="single_large", observed=500, threshold=300, event_id="e", habitual=HABIT)

KIND: dict[str, Any] = {"class": "loyal"}  # not a name Python can call it by
CYCLE = AccountCycle(
    **KIND,
    fact_id="f1",
    account_id="a",
    cycle_payday=date(2026, 1, 5),
    employer_id="e",
    segment="mass",
    playbook=PLAYBOOK,
    payroll_source="employed",
    currency="CNY",
    pay=1000,
    moved_out=500,
    spent=-1,
    invested=0,
    returned=2,
    retained=["1.000000", None],
    balance=[10**18, None],
    truncated=False,
    flags=["single_large"],
    habitual_out=0,
    closed_at=AT,
)
ABOUT = {
    name: getattr(CYCLE, name)
    for name in (
        "account_id",
        "cycle_payday",
        "employer_id",
        "segment",
        "playbook",
        "payroll_source",
        "currency",
    )
}
CURVE = Curve(
    **ABOUT,
    fact_id="f2",
    points=[CurvePoint(day=day, retained="0.500000", balance=7 - day) for day in range(8)],
)
LEFT = [
    Leaving(event_id=str(n), occurred_at=AT, day=1, hour=9, bank_code=code, amount=500, habitual=n > 0)
    for n, code in enumerate(["B1", None])
]
OUTFLOW = Outflow(**ABOUT, fact_id="f3", transfers=LEFT)
HOT = HotAccount(
    fact_id="f4",
    account_id="a",
    day=date(2026, 1, 12),
    pending_limit=1000,
    folded_to=AT,
    playbook=PLAYBOOK,
)
TASK = Task(
    task_id="t",
    version=2,
    kind="outflow_alert",
    status="open",
    account_id="a",
    customer_id="c",
    cycle_payday=date(2026, 1, 5),
    employer_id="e",
    currency="CNY",
    segment="mass",
    pattern=None,
    priority=80,
    reasons=[REASON],
    curve=[CurvePoint(day=0, retained=None, balance=None)],
    playbook=PLAYBOOK,
    first_contact_due=AT,
    close_due=AT,
    expires_at=AT,
    branch_id=None,
    area="north",
    manager_id=None,
    offer=None,
    created_at=AT,
)


def published(fact: Fact | Task, offset: int = 42) -> Incoming:
    return Incoming(fact.model_dump_json().encode(), partition=1, offset=offset, timestamp=1_700_000_000_123)


def named(row: Row) -> dict[str, object]:
    return dict(zip(COLUMNS[row.table], row.values, strict=True))


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


@pytest.mark.parametrize("value", [None, b"", b"{", b"null", b"[]", b"{}", b'{"fact":"other","playbook":{}}'])
@pytest.mark.parametrize("topic", [FACTS, INTERVENTIONS, DEAD_LETTERS, "another.topic"])
def test_what_we_do_not_publish_stops_the_landing_and_is_located(topic: str, value: bytes | None) -> None:
    with pytest.raises(LandingError, match=f"{topic} partition 5 offset 6 cannot be landed"):
        rows_of(topic, Incoming(value, partition=5, offset=6, timestamp=0))


def test_rows_are_gathered_by_table_in_their_order() -> None:
    rows = [*rows_of(FACTS, published(CYCLE, 1)), *rows_of(FACTS, published(CURVE, 2))]
    rows += rows_of(FACTS, published(CYCLE, 3))
    tables = by_table(rows)
    assert [values[-1] for values in tables["account_cycle"]] == [1, 3]
    assert len(tables["curve_point"]) == 8


@pytest.mark.parametrize("fact", [CYCLE, CURVE, OUTFLOW, HOT, TASK], ids=lambda fact: type(fact).__name__)
def test_fast_enough_to_keep_up(fact: Fact | Task) -> None:
    record = published(fact)
    topic = INTERVENTIONS if isinstance(fact, Task) else FACTS
    started = time.perf_counter()
    rows = sum(len(rows_of(topic, record)) for _ in range(2_000))
    # A tenth of what is measured, so that a busy machine does not fail it.
    assert rows / (time.perf_counter() - started) > 5_000
