"""The audit: what a read_committed subscriber saw against the pure pipeline over the exported journal."""

import asyncio
from collections import Counter
from io import BytesIO
from typing import Any, NamedTuple

from agents.cli.exporting import export_log
from agents.cli.watching import read_all
from agents.embedded.local import LocalService
from agents.log.partitioner import partition_of
from agents.log.topics import ACCOUNTS, changelog_topic
from agents.playbooks import load_playbook
from schemas import topics
from schemas.groups import EMPLOYER, GROUPS
from streams.journal.eventsfile import parse_line
from streams.journal.row import decode_row
from streams.playbook.rules import Rules
from streams.replay.backtest import Result, backtest
from streams.replay.look import look
from streams.state.keys import ROW_KEY, is_account
from tests.e2e import told_audit


class Seen(NamedTuple):
    """All values of the output topics that come of the journal, as often as they were there, and the last state of
    the changelog."""

    facts: Counter[bytes]
    tasks: Counter[bytes]
    dead: list[object]
    accounts: dict[bytes, bytes]
    control: dict[int, dict[bytes, bytes]]
    rows: dict[int, bytes]


def is_of_group(fact: Any) -> bool:
    """Whether a fact is the coordinator's: see ``groups_audit``."""
    return (fact.key or b"").startswith(EMPLOYER.encode())


def replay(service: LocalService) -> Result:
    """The pure pipeline over both logs as they are now."""
    file = BytesIO()
    for topic in (topics.JOURNAL, GROUPS):
        asyncio.run(export_log(service.settings, topic, file))
    lines = [parse_line(text) for text in file.getvalue().splitlines()]
    rules = Rules.of(load_playbook(service.settings.playbook, service.settings.timezone))
    return backtest(lines, rules, look(lines)._replace(ticking=True), owner=partition_of)


async def table_of(service: LocalService, name: str) -> dict[tuple[int, bytes], bytes]:
    """The last state of a table's changelog, by partition and key, the rows included."""
    entries: dict[tuple[int, bytes], bytes] = {}
    async for record in read_all(service.settings, changelog_topic(service.settings.app_id, name)):
        place = record.partition, record.key or ROW_KEY
        if record.value is None:
            entries.pop(place, None)
        else:
            entries[place] = record.value
    return entries


async def _seen(service: LocalService) -> Seen:
    settings = service.settings
    table = await table_of(service, ACCOUNTS)
    return Seen(
        Counter([one.value async for one in read_all(settings, topics.FACTS) if not is_of_group(one)]),
        Counter([record.value async for record in read_all(settings, topics.INTERVENTIONS)]),
        [record async for record in read_all(settings, topics.DEAD_LETTERS)],
        {key: value for (_, key), value in table.items() if is_account(key)},
        _control(table),
        {number: value for (number, key), value in table.items() if key == ROW_KEY},
    )


def _control(table: dict[tuple[int, bytes], bytes]) -> dict[int, dict[bytes, bytes]]:
    control: dict[int, dict[bytes, bytes]] = {}
    for (number, key), value in table.items():
        if key != ROW_KEY and not is_account(key):
            control.setdefault(number, {})[key] = value
    return control


def seen(service: LocalService) -> Seen:
    """What a read_committed subscriber sees."""
    return asyncio.run(_seen(service))


def control_rows(expected: Result) -> dict[int, dict[bytes, bytes]]:
    """The control rows of each partition that has any."""
    return {number or 0: rows for number, rows in expected.control.items() if rows}


def assert_live_is_backtest(service: LocalService) -> Result:
    """Nothing missing, nothing twice, the same state, balanced books, and the groups were told the same; returns the
    backtest."""
    expected, found = replay(service), seen(service)
    _assert_same("facts", Counter(fact.to_json() for fact in expected.facts), found.facts)
    _assert_same("tasks", Counter(task.to_json() for task in expected.tasks), found.tasks)
    assert expected.differences.first is None, f"a log holds something else: {expected.differences}"
    assert found.accounts == expected.accounts, "the changelog holds another state than the backtest"
    assert found.control == control_rows(expected), "what is in force is not what the backtest has"
    for number, value in found.rows.items():
        row = decode_row(value)
        assert row.books.balanced, f"partition {number}: {row.books} does not balance"
        assert row.books == expected.rows[number].books, f"partition {number} counted other records"
        assert row.clock == expected.rows[number].clock, f"partition {number} has another clock"
    wrong = told_audit.differences(service, expected, found.rows)
    assert not wrong, f"the groups log was told something else: {wrong[:3]}"
    return expected


def _assert_same(what: str, expected: Counter[bytes], found: Counter[bytes]) -> None:
    lost, extra = expected - found, found - expected
    assert not lost, f"{lost.total()} {what} lost, for example {next(iter(lost))!r}"
    assert not extra, f"{extra.total()} {what} too many, for example {next(iter(extra))!r}"
