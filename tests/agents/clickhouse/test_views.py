"""The rollups over a small data set worked out by hand, landed twice and with an outdated version (O4)."""

import json
from datetime import date

import pytest
from clickhouse_connect.driver.client import Client

from agents.clickhouse import migrate, report
from agents.clickhouse.writer import insert
from schemas.topics import DEAD_LETTERS, FACTS, INTERVENTIONS
from streams.landing.batch import Batch
from streams.landing.landed import SET_ASIDE, Incoming
from streams.landing.rows import COLUMNS, rows_of

AT = "2026-01-06T02:00:00.000001Z"


def record(value: object, offset: int, headers: tuple[tuple[str, bytes], ...] = ()) -> Incoming:
    data = value if isinstance(value, bytes | None) else json.dumps(value).encode()
    return Incoming(data, partition=0, offset=offset, timestamp=1_700_000_000_000, headers=headers)


SEGMENTS = {"a": "mass", "b": "private"}


def about(account: str, employer: str) -> dict[str, object]:
    return {
        "fact_id": f"fact-{account}",
        "account_id": account,
        "cycle_payday": "2026-01-05",
        "employer_id": employer,
        "segment": SEGMENTS.get(account),
        "playbook": {"name": "default", "version": 1},
        "payroll_source": "employed",
        "currency": "CNY",
    }


def cycle(account: str, employer: str, pay: int, moved_out: int, kind: str, returned: int = 0) -> object:
    return {
        **about(account, employer),
        "fact": "account_cycle",
        **{"pay": pay, "moved_out": moved_out, "spent": 0, "invested": 0, "returned": returned},
        **{"retained": ["1.000000", "0.250000", None], "balance": [None, 5, 10**18], "class": kind},
        **{"truncated": False, "flags": ["cumulative_large", "single_large"] if moved_out else []},
        **{"habitual_out": 0, "closed_at": AT},
    }


def curve(account: str, employer: str, *shares: str | None) -> object:
    points = [{"day": day, "retained": share, "balance": day} for day, share in enumerate(shares)]
    return {**about(account, employer), "fact": "curve_point", "points": points}


def outflow(account: str, *transfers: tuple[str, str | None, int, int, bool]) -> dict[str, object]:
    left = [
        {
            **{"event_id": event, "bank_code": bank, "hour": hour, "amount": amount, "habitual": habitual},
            **{"day": 1, "occurred_at": AT},
        }
        for event, bank, hour, amount, habitual in transfers
    ]
    return {**about(account, "acme"), "fact": "outflow", "transfers": left}


def task(task_id: str, version: int, status: str, priority: int) -> object:
    return {
        **about("a", "acme"),
        **{"task_id": task_id, "version": version, "kind": "outflow_alert", "status": status},
        **{"customer_id": "c", "segment": None, "pattern": None, "priority": priority, "curve": []},
        "reasons": [{"rule": "single_large", "observed": 2, "threshold": 1, "event_id": "e"}],
        **{"first_contact_due": AT, "close_due": AT, "expires_at": AT, "created_at": AT},
    }


def dead(offset: int, reason: str, value: bytes | None) -> tuple[str, Incoming]:
    headers = {"topic": "t", "partition": "0", "offset": str(offset), "reason": reason, "detail": "d"}
    return DEAD_LETTERS, record(value, offset, tuple((k, v.encode()) for k, v in headers.items()))


OUTDATED = [(FACTS, cycle("a", "acme", 999, 999, "spend_down")), (FACTS, curve("a", "acme", "0.000001"))]
FACTS_NOW = [
    cycle("a", "acme", 1000, 0, "loyal"),
    # Moves out thrice its pay: the employer keeps what the colleague kept.
    cycle("b", "acme", 1000, 3000, "transfer_out"),
    cycle("c", "zeta", 400, 100, "loyal", returned=200),
    cycle("d", "huge", 10**15, 10**15, "transfer_out"),
    curve("a", "acme", "1.000000", "0.500000"),
    curve("b", "acme", "0.500000", None),
    curve("c", "zeta", "0.000000"),
    # Two facts of one cycle: very many transfers are told of in several (R11).
    outflow("b", ("1", "B1", 9, 1000, True), ("2", "B1", 9, 500, False)),
    {**outflow("b", ("3", None, 23, 1500, True)), "fact_id": "fact-b-2"},
]
TASKS = [task("t1", 1, "open", 80), task("t1", 2, "superseded", 80), task("t2", 1, "open", 40)]
DEAD = [
    dead(0, "null_value", None),
    dead(1, "malformed", b"\xff\x00"),
    dead(2, "malformed", b""),
    dead(3, "too_late", b"{}"),
]


def land(client: Client, records: list[tuple[str, Incoming]]) -> None:
    batch = Batch()
    for topic, one in records:
        batch.add(topic, one, rows_of(topic, one))
    assert SET_ASIDE not in batch.tables, batch.tables[SET_ASIDE]
    for table, values in batch.tables.items():
        assert insert(client, table, COLUMNS[table], values) == len(values)


@pytest.fixture
def landed(client: Client) -> Client:
    """Everything landed twice, an outdated version of some of it between and after."""
    migrate.apply(client)
    old = [(topic, record(fact, n)) for n, (topic, fact) in enumerate(OUTDATED)]
    new = [(FACTS, record(fact, 100 + n)) for n, fact in enumerate(FACTS_NOW)]
    new += [(INTERVENTIONS, record(one, n)) for n, one in enumerate(TASKS)]
    for batch in (old, new + DEAD, old, new + DEAD, old):
        land(client, batch)
    return client


def test_duplicates_are_there_and_do_not_count(landed: Client) -> None:
    [(stored,)] = landed.query("SELECT count() FROM account_cycle").result_rows
    [(counted,)] = landed.query("SELECT count() FROM account_cycle FINAL").result_rows
    assert stored > counted == 4


def test_the_later_version_wins_whatever_came_last(landed: Client) -> None:
    sql = "SELECT pay, retained, balance, closed_at, cycle_payday FROM account_cycle FINAL"
    sql += " WHERE account_id = 'a'"
    [(pay, retained, balance, closed_at, payday)] = landed.query(sql).result_rows
    assert pay == 1000
    assert [None if share is None else str(share) for share in retained] == ["1.000000", "0.250000", None]
    assert balance == [None, 5, 10**18]
    assert closed_at.isoformat().startswith("2026-01-06T02:00:00.000001")
    assert payday == date(2026, 1, 5)


def test_employer_ranking(landed: Client) -> None:
    huge, acme, zeta = report.employer_ranking(landed, limit=10)
    assert (huge.employer_id, huge.pay, huge.retention_rate) == ("huge", 10**15, 0.0)
    assert acme == ("acme", "CNY", 2, 2, 2000, 1000.0, 0.5, 0.5, 3000)
    assert zeta == ("zeta", "CNY", 1, 1, 400, 400.0, 1.0, 0.0, 100)
    assert report.employer_ranking(landed, limit=1) == [huge]


def test_retention_curve(landed: Client) -> None:
    assert report.retention_curve(landed) == [(0, 0.5, 3), (1, 0.5, 1)]
    assert report.retention_curve(landed, "acme") == [(0, 0.75, 2), (1, 0.5, 1)]
    assert report.retention_curve(landed, "nobody") == []
    sql = (
        "SELECT employer_id, segment, cycle_payday, day, retained_median, n FROM retention_curve ORDER BY ALL"
    )
    payday = date(2026, 1, 5)
    assert landed.query(sql).result_rows == [
        ("acme", "mass", payday, 0, 1.0, 1),
        ("acme", "mass", payday, 1, 0.5, 1),
        ("acme", "private", payday, 0, 0.5, 1),
        ("zeta", None, payday, 0, 0.0, 1),
    ]


def test_destinations(landed: Client) -> None:
    sql = "SELECT bank_code, currency, amount, n, habitual_share FROM destinations ORDER BY n"
    assert landed.query(sql).result_rows == [(None, "CNY", 1500, 1, 1.0), ("B1", "CNY", 1500, 2, 0.5)]


def test_hour_heat_map(landed: Client) -> None:
    sql = "SELECT day, hour, currency, amount, n FROM hour_heat_map ORDER BY hour"
    assert landed.query(sql).result_rows == [(1, 9, "CNY", 1500, 2), (1, 23, "CNY", 1500, 1)]


def test_task_funnel_shows_the_latest_version(landed: Client) -> None:
    assert report.task_counts(landed) == [("outflow_alert", "open", 1), ("outflow_alert", "superseded", 1)]
    sql = "SELECT status, priority_mean, versions FROM task_funnel ORDER BY status"
    assert landed.query(sql).result_rows == [("open", 40.0, 1), ("superseded", 80.0, 2)]


def test_counts(landed: Client) -> None:
    assert report.class_counts(landed) == {"loyal": 2, "transfer_out": 2}
    assert report.flag_counts(landed) == {"cumulative_large": 3, "single_large": 3}
    assert report.dead_letter_counts(landed) == {"malformed": 2, "null_value": 1, "too_late": 1}


def test_a_dead_letter_keeps_its_bytes(landed: Client) -> None:
    sql = "SELECT hex(value), size FROM dead_letter FINAL ORDER BY offset"
    assert landed.query(sql).result_rows == [(None, 0), ("FF00", 2), ("", 0), ("7B7D", 2)]


def test_no_rows_are_no_insert(client: Client) -> None:
    assert insert(client, "no_such_table", ["a"], []) == 0
