"""The check: sources against journal, journal against outputs and state, outputs against ClickHouse."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from agents.cli.watching import read_all
from agents.clickhouse.client import connect
from agents.embedded.local import LocalService
from schemas import topics
from schemas.dead import Rejection
from schemas.decode import check_key, decode
from streams.journal.row import decode_row
from streams.landing.landed import Incoming
from streams.landing.rows import COLUMNS, rows_of
from tests.e2e import groups_audit, told_audit
from tests.e2e.audit import Seen, control_rows, replay, seen

NOT_COMPARED = frozenset({"version", "landed"})
"""Columns that hold where a row was landed from."""


class Difference(NamedTuple):
    """What is missing, what is there too often, what is another than it should be."""

    lost: int = 0
    duplicated: int = 0
    differing: int = 0
    example: str = ""

    def __add__(self, other: object) -> "Difference":
        assert isinstance(other, Difference)
        return Difference(
            self.lost + other.lost,
            self.duplicated + other.duplicated,
            self.differing + other.differing,
            self.example or other.example,
        )


def check(service: LocalService) -> tuple[Difference, int, int]:
    """Everything that differs, how many records the journal has, and how often an account was hot."""
    expected, found = replay(service), seen(service)
    difference = (
        _counted("fact", (fact.to_json() for fact in expected.facts), found.facts)
        + _counted("task", (task.to_json() for task in expected.tasks), found.tasks)
        + _state(expected, found)
        + _told(service, expected, found)
        + _own_records(expected)
        + asyncio.run(_groups(service))
        + asyncio.run(_routed(service))
        + check_landed(service)
    )
    hot = sum(fact.fact == "hot_account" for fact in expected.facts)
    return difference, expected.books.read, hot


def check_landed(service: LocalService) -> Difference:
    """What differs between the output topics and ClickHouse's rows."""
    return _landed(service, asyncio.run(_rows(service)))


def _counted(what: str, expected: Iterable[Any], found: Counter[Any]) -> Difference:
    wanted = Counter(expected)
    lost, extra = wanted - found, found - wanted
    known = sum(count for one, count in extra.items() if one in wanted)
    example = (
        f"{what}: lost {next(iter(lost), None)!r}, extra {next(iter(extra), None)!r}" if lost or extra else ""
    )
    return Difference(lost.total(), known, extra.total() - known, example)


def _state(expected: Any, found: Seen) -> Difference:
    differing = [
        key
        for key in expected.accounts.keys() | found.accounts.keys()
        if expected.accounts.get(key) != found.accounts.get(key)
    ]
    rows = [
        number
        for number, value in found.rows.items()
        if (row := decode_row(value)).books != expected.rows[number].books
        or row.clock != expected.rows[number].clock
        or not row.books.balanced
    ]
    wanted = control_rows(expected)
    control = [
        number
        for number in wanted.keys() | found.control.keys()
        if wanted.get(number) != found.control.get(number)
    ]
    example = f"state of {differing[:1]} {rows[:1]} {control[:1]}" if differing or rows or control else ""
    return Difference(differing=len(differing) + len(rows) + len(control), example=example)


def _told(service: LocalService, expected: Any, found: Seen) -> Difference:
    """What the detector told the groups log against the fold of the journal."""
    wrong = told_audit.differences(service, expected, found.rows)
    return Difference(differing=len(wrong), example=f"told to groups: {wrong[0]}" if wrong else "")


def _own_records(expected: Any) -> Difference:
    """What both logs hold of our own folds' records against what these say over both."""
    unlike = expected.differences
    return Difference(differing=unlike.found, example=f"own records: {unlike.first}" if unlike.first else "")


async def _groups(service: LocalService) -> Difference:
    """The groups log against what came of it, the answers in the journal included."""
    found, expected = await groups_audit.seen(service), await groups_audit.folded(service)
    differing = [
        *(
            key
            for key in found.entries.keys() | expected.entries.keys()
            if found.entries.get(key) != expected.entries.get(key)
        ),
        *(number for number, row in expected.rows.items() if found.rows.get(number, row) != row),
    ]
    return (
        _counted("fact of a group", expected.facts.elements(), found.facts)
        + _counted("answer", expected.answers.elements(), found.answers)
        + _counted("dead letter of a group", expected.dead.elements(), found.dead)
        + Difference(
            differing=len(differing), example=f"state of groups {differing[:1]}" if differing else ""
        )
    )


async def _routed(service: LocalService) -> Difference:
    """Each record of a type topic is once in the journal, or once a dead letter, with its bytes."""
    wanted: Counter[Any] = Counter()
    for topic, kind in topics.TYPE_TOPICS.items():
        async for record in read_all(service.settings, topic):
            event = decode(record.value, kind.encode())
            dead = isinstance(event, Rejection) or check_key(record.key, event, may_be_null=True) is not None
            wanted[
                "dead" if dead else "routed", f"{topic},{record.partition},{record.offset}", record.value
            ] += 1
    found: Counter[Any] = Counter()
    async for record in read_all(service.settings, topics.JOURNAL):
        if (source := dict(record.headers).get("source")) is not None:
            found["routed", source.decode(), record.value] += 1
    async for record in read_all(service.settings, topics.DEAD_LETTERS):
        headers = {name: value.decode() for name, value in record.headers}
        if headers["topic"] in topics.TYPE_TOPICS:
            where = f"{headers['topic']},{headers['partition']},{headers['offset']}"
            found["dead", where, record.value] += 1
    return _counted("routed record", wanted.elements(), found)


async def _rows(service: LocalService) -> dict[str, Counter[Any]]:
    """The rows the output topics should have landed as, by table."""
    tables: dict[str, Counter[Any]] = {table: Counter() for table in COLUMNS}
    latest: dict[tuple[Any, ...], str] = {}
    for topic in (topics.FACTS, topics.INTERVENTIONS, topics.DEAD_LETTERS):
        async for record in read_all(service.settings, topic):
            incoming = Incoming(
                record.value, record.partition, record.offset, record.timestamp, tuple(record.headers)
            )
            for row in rows_of(topic, incoming):
                compared = _compared(row.table, row.values)
                if row.table == "employer_payday":  # what is known of a payday now replaces what was
                    latest[row.values[:2]] = compared
                else:
                    tables[row.table][compared] += 1
    tables["employer_payday"] = Counter(latest.values())
    return tables


def _landed(service: LocalService, wanted: dict[str, Counter[Any]]) -> Difference:
    client = connect(service.settings.clickhouse_dsn)
    try:
        difference = Difference()
        for table, rows in wanted.items():
            names = ", ".join(f"`{name}`" for name in COLUMNS[table])
            result = client.query(f"SELECT {names} FROM {table} FINAL").result_rows
            compared = (_compared(table, row) for row in result)
            difference += _counted(f"row of {table}", rows.elements(), Counter(compared))
        return difference
    finally:
        client.close()


def _compared(table: str, values: Iterable[Any]) -> str:
    return repr(
        [
            _plain(value)
            for name, value in zip(COLUMNS[table], values, strict=True)
            if not (name in NOT_COMPARED and not (table == "task" and name == "version"))
        ]
    )


def _plain(value: Any) -> Any:
    # What goes in and what comes out of the driver differ in type, not in meaning.
    if hasattr(value, "timestamp") and hasattr(value, "tzinfo"):
        return round(value.timestamp() * 1_000_000)
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return (
        str(value)
        if not isinstance(value, bool | int | str | type(None))
        else int(value)
        if isinstance(value, bool)
        else value
    )
