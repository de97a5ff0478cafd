"""A changelog written by format 2 is taken over: through a start, a kill and a rebalance, nothing is published twice,
nothing otherwise.

``format2/changelog.jsonl.xz`` holds the tables of two partitions as the last version that wrote format 2 of accounts
and format 1 of rows left them, half of the journal of :func:`_journal` applied and some deadlines still to be fired.
"""

import asyncio
import json
import lzma
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from time import time
from typing import Final, NamedTuple

import msgspec
import pytest
from aiokafka import AIOKafkaProducer

from agents.broadcasting import broadcast
from agents.cli.exporting import export_log
from agents.cli.watching import read_all
from agents.embedded.local import LocalService
from agents.log.partitioner import partition_of
from agents.log.topic_id import topic_id
from agents.log.topics import admin, changelog_topic
from agents.lookahead import first_of
from agents.playbooks import load_playbook
from schemas import topics
from schemas.events import Tick
from schemas.groups import GROUPS
from schemas.instant import parse_instant
from streams.journal.ahead import look_ahead, playbook_of
from streams.journal.eventsfile import Line, parse_line
from streams.journal.partition import Partition
from streams.journal.row import decode_row
from streams.playbook.rules import Rules
from streams.state.keys import ROW_KEY, is_account
from tests.e2e.audit import seen
from tests.e2e.conftest import started

pytestmark = [pytest.mark.broker, pytest.mark.timeout(200)]

PARTITIONS: Final = 2
LINES_PER_TICK: Final = 250
PUBLISHED: Final = (topics.FACTS, topics.INTERVENTIONS)
REST_SECONDS: Final = 60.0
LATEST: Final = parse_instant("2026-05-01T00:00:00Z")
STAMP: Final = LATEST // 1_000
"""When the log took a record (ms): after all of them, as a broker of today does."""
EVENTS: Final = Path(__file__).parents[1] / "snapshots" / "simulated-events.jsonl.xz"
CHANGELOG: Final = Path(__file__).parent / "format2" / "changelog.jsonl.xz"


class Found(NamedTuple):
    """What was published, how often, the accounts at the end, and how many records were refused."""

    published: Counter[bytes]
    accounts: dict[bytes, bytes]
    dead: int


class Kept(NamedTuple):
    """A record of the old changelog."""

    partition: int
    key: bytes
    value: bytes


def _journal() -> dict[int, list[Line]]:
    """The simulated events by partition of the journal, with ticks at the latest posting so far."""
    journal: dict[int, list[Line]] = {number: [] for number in range(PARTITIONS)}
    latest = 0
    with lzma.open(EVENTS) as file:
        for number, text in enumerate(file, 1):
            line = json.loads(text)
            key, value = line["key"].encode(), _compact(line["value"])
            headers = (("type", topics.TYPE_TOPICS[line["topic"]].encode()),)
            partition = partition_of(key, PARTITIONS)
            journal[partition].append(
                Line(topics.JOURNAL, key, value, headers, timestamp=STAMP, partition=partition)
            )
            latest = max(latest, _instant(line["value"]))
            if number % LINES_PER_TICK == 0 and latest:
                value = Tick(instant=latest).model_dump_json().encode()
                for one, lines in journal.items():
                    lines.append(Line(topics.JOURNAL, None, value, timestamp=STAMP, partition=one))
    return journal


def _compact(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _instant(value: dict[str, str]) -> int:
    try:
        at = parse_instant(value["occurred_at"])
    except (KeyError, TypeError, ValueError):
        return 0  # one of the broken events
    return at if at < LATEST else 0


def _changelog() -> list[Kept]:
    with lzma.open(CHANGELOG) as file:
        lines = [json.loads(text) for text in file]
    return [Kept(one["partition"], b64decode(one["key"]), b64decode(one["value"])) for one in lines]


def _tables() -> dict[int, dict[bytes, bytes]]:
    tables: dict[int, dict[bytes, bytes]] = {number: {} for number in range(PARTITIONS)}
    for partition, key, value in _changelog():
        tables[partition][key] = value
    return tables


def _positions() -> dict[int, int]:
    return {number: decode_row(table[ROW_KEY]).position for number, table in _tables().items()}


def _expected(to_come: dict[int, list[Line]]) -> Found:
    """What is to be published and refused, and the accounts at the end, by the pure fold from the old state on.
    ``to_come``: what each partition's log holds behind what was applied, the first playbook somewhere in it (B4)."""
    published: Counter[bytes] = Counter()
    accounts: dict[bytes, bytes] = {}
    dead = 0
    rules = Rules.of(load_playbook(None))
    for number, table in _tables().items():
        partition = Partition(rules, table, decode_row(table.pop(ROW_KEY)), number=number)
        assert look_ahead(to_come[number], partition.foresee), "there is no playbook"
        partition.read_all(to_come[number])
        partition.work(partition.backlog)
        outputs = partition.take()
        dead += len(outputs.dead)
        published.update(one.to_json() for one in outputs.emitted if one.topic in PUBLISHED)
        table |= {key: value for key, value in outputs.changed.items() if value is not None}
        gone = {key for key, value in outputs.changed.items() if value is None}
        accounts |= {key: value for key, value in table.items() if key not in gone and is_account(key)}
    return Found(published, accounts, dead)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LocalService]:
    with started(tmp_path, playbook=False, PAYTIDE_PARTITIONS=str(PARTITIONS)) as service:
        yield service


async def _write(service: LocalService, lines: list[Line]) -> None:
    async with AIOKafkaProducer(**service.settings.kafka_client()) as producer:
        for line in lines:
            await producer.send(
                topics.JOURNAL, line.value, line.key, partition=line.partition, headers=list(line.headers)
            )


async def _write_old_state(service: LocalService) -> None:
    """The changelog as it was, but for the identity of the journal, which is a new one."""
    settings = service.settings
    async with admin(settings) as client:
        identity = await topic_id(client, topics.JOURNAL)
    async with AIOKafkaProducer(**settings.kafka_client()) as producer:
        for partition, key, value in _changelog():
            if key == ROW_KEY:
                form, position, clock, _, books = msgspec.msgpack.decode(value)
                value = msgspec.msgpack.encode([form, position, clock, identity, books])
            await producer.send(changelog_topic(settings.app_id), value, key, partition=partition)


def _found(service: LocalService) -> Found:
    found = seen(service)
    return Found(found.facts + found.tasks, found.accounts, len(found.dead))


def test_the_fixture_is_of_format_2() -> None:
    for _, key, value in _changelog():
        assert value[:2] == (b"\x95\x01" if key == ROW_KEY else b"\x9a\x02"), f"{key!r} has another format"


def test_a_changelog_of_format_2_goes_through_start_kill_and_rebalance(service: LocalService) -> None:
    journal, positions = _journal(), _positions()
    before = [line for number, lines in journal.items() for line in lines[: positions[number]]]
    after = [line for number, lines in journal.items() for line in lines[positions[number] :]]
    middle, first = len(after) // 2, first_of(load_playbook(None))
    asyncio.run(_write(service, before))
    asyncio.run(_write_old_state(service))
    service.start("worker", "one")
    asyncio.run(broadcast(service.settings, first))
    asyncio.run(_write(service, after[:middle]))
    service.wait_applied()
    service.kill("one")
    asyncio.run(_write(service, after[middle:]))
    service.start("worker", "two")
    service.start("worker", "three")
    service.wait_applied()
    playbook = Line(topics.JOURNAL, None, first.model_dump_json().encode(), timestamp=STAMP)
    _assert_found(service, {number: [playbook, *journal[number][at:]] for number, at in positions.items()})


def test_an_installation_without_a_playbook_is_given_the_worker_s_and_nothing_is_lost(
    service: LocalService,
) -> None:
    asyncio.run(_write(service, [line for lines in _journal().values() for line in lines]))
    asyncio.run(_write_old_state(service))
    service.start("worker", "ticking", PAYTIDE_TICK_SECONDS="0.3")
    until = time() + REST_SECONDS
    while len(playbooks := _playbooks(service)) < 2 * PARTITIONS and time() < until:
        service.check()
    assert sorted(playbooks) == [
        (log, number) for log in (GROUPS, topics.JOURNAL) for number in range(PARTITIONS)
    ]
    service.stop("ticking")
    service.start("worker", "later")  # without a clock, so that the journal comes to an end
    service.wait_applied()
    positions = _positions()
    to_come = {
        number: [line for line in lines if (line.offset or 0) >= positions[number]]
        for number, lines in _exported(service).items()
    }
    _assert_found(service, to_come)
    assert len(_playbooks(service)) == 2 * PARTITIONS, "it was given again"


def _playbooks(service: LocalService) -> list[tuple[str, int]]:
    """Where a playbook stands: log and partition."""

    async def read() -> list[tuple[str, int]]:
        return [
            (topic, record.partition)
            for topic in (topics.JOURNAL, GROUPS)
            async for record in read_all(service.settings, topic)
            if playbook_of(record) is not None
        ]

    return asyncio.run(read())


def _exported(service: LocalService) -> dict[int, list[Line]]:
    file = BytesIO()
    asyncio.run(export_log(service.settings, topics.JOURNAL, file))
    journal: dict[int, list[Line]] = {number: [] for number in range(PARTITIONS)}
    for text in file.getvalue().splitlines():
        line = parse_line(text)
        assert isinstance(line, Line)
        journal[line.partition or 0].append(line)
    return journal


def _assert_found(service: LocalService, to_come: dict[int, list[Line]]) -> None:
    expected = _expected(to_come)
    until = time() + REST_SECONDS
    # The deadlines of the last tick are worked off after it.
    while (found := _found(service)) != expected and time() < until:
        service.check()
    many, missing = found.published - expected.published, expected.published - found.published
    assert (len(many), len(missing)) == (0, 0), "so many are too many, and so many are missing"
    assert found.accounts == expected.accounts
    assert found.dead == expected.dead, "other records were refused"
