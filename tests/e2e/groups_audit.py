"""The audit of the groups log: what it gave rise to against the pure fold over it, partition by partition."""

import asyncio
from collections import Counter
from typing import Any, NamedTuple

from agents.cli.watching import read_all
from agents.embedded.local import LocalService
from agents.log.partitioner import partition_of
from agents.log.topics import GROUPS_TABLE
from agents.playbooks import load_playbook
from schemas import topics
from schemas.answers import EmployerAnswer
from schemas.groups import GROUPS
from streams.groups.partition import GroupsPartition
from streams.groups.rules import GroupRules
from streams.journal.ahead import look_ahead
from streams.journal.books import PartitionRow
from streams.journal.known_employers import PREFIX, KnownEmployers
from streams.journal.row import decode_row
from streams.state.keys import ROW_KEY
from tests.e2e.audit import is_of_group, table_of


class Outcome(NamedTuple):
    """What came of the groups log: facts, answers by journal partition, dead letters, entries, and each partition's
    clock and books."""

    facts: Counter[bytes]
    answers: Counter[tuple[int | None, bytes]]
    dead: Counter[tuple[bytes, bytes]]
    entries: dict[tuple[int, bytes], bytes]
    rows: dict[int, tuple[int | None, Any]]


async def seen(service: LocalService) -> Outcome:
    """What a read_committed subscriber sees of it."""
    settings = service.settings
    entries = await table_of(service, GROUPS_TABLE)
    rows = {number: decode_row(entries.pop((number, key))) for number, key in list(entries) if key == ROW_KEY}
    return Outcome(
        Counter([one.value async for one in read_all(settings, topics.FACTS) if is_of_group(one)]),
        Counter(
            [
                (one.partition, one.value)
                async for one in read_all(settings, topics.JOURNAL)
                if ("by", b"coordinator") in one.headers
            ]
        ),
        Counter(
            [
                (dict(one.headers)["reason"], one.value)
                async for one in read_all(settings, topics.DEAD_LETTERS)
                if dict(one.headers)["topic"] == GROUPS.encode()
            ]
        ),
        entries,
        {number: (row.clock, row.books) for number, row in rows.items()},
    )


async def folded(service: LocalService) -> Outcome:
    """The pure fold of the log as it is now."""
    logs: dict[int, list[Any]] = {number: [] for number in range(service.settings.partitions)}
    async for record in read_all(service.settings, GROUPS):
        logs[record.partition].append(record)
    rules = GroupRules.of(load_playbook(service.settings.playbook, service.settings.timezone))
    whole = Outcome(Counter(), Counter(), Counter(), {}, {})
    for number, log in logs.items():
        _fold(whole, rules, number, log, len(logs))
    return whole


def _fold(whole: Outcome, rules: GroupRules, number: int, log: list[Any], partitions: int) -> None:
    table: dict[bytes, bytes] = {}
    fold = GroupsPartition(
        rules, table, PartitionRow(), is_ours=lambda key: partition_of(key, partitions) == number
    )
    look_ahead(log, fold.foresee)
    for record in log:
        fold.read(record)
        while True:
            fold.work(1)
            outputs = fold.take()
            for key, value in outputs.changed.items():
                if value is None:
                    del table[key]
                else:
                    table[key] = value
            whole.dead.update((one.rejection.reason.encode(), record.value) for one in outputs.dead)
            for said in outputs.emitted:
                if said.topic == topics.FACTS:
                    whole.facts[said.to_json()] += 1
                else:
                    whole.answers[said.addressed_to, said.to_json()] += 1
            if not fold.backlog:
                break
    whole.entries.update({(number, key): value for key, value in table.items()})
    whole.rows[number] = fold.row.clock, fold.row.books


def assert_groups_are_the_fold(service: LocalService) -> Outcome:
    """Nothing missing, nothing twice, the same state and books; the journal knows what was answered. Returns it."""
    found, expected = asyncio.run(seen(service)), asyncio.run(folded(service))
    for name in ("facts", "answers", "dead"):
        lost = getattr(expected, name) - getattr(found, name)
        extra = getattr(found, name) - getattr(expected, name)
        assert not lost, f"{lost.total()} {name} lost, for example {next(iter(lost))!r}"
        assert not extra, f"{extra.total()} {name} too many, for example {next(iter(extra))!r}"
    assert found.entries == expected.entries, "the changelog holds another state than the fold"
    assert found.rows == expected.rows, "a partition has another clock, or counted other records"
    assert all(books.balanced for _, books in found.rows.values())
    _assert_the_journal_knows(service, found)
    return found


def _assert_the_journal_knows(service: LocalService, found: Outcome) -> None:
    accounts = asyncio.run(table_of(service, "accounts"))
    for number in range(service.settings.partitions):
        rows = {
            key: value for (at, key), value in accounts.items() if at == number and key.startswith(PREFIX)
        }
        KnownEmployers(rows)  # each can be read
        told = {_employer(value) for at, value in found.answers if at == number}
        assert {key.removeprefix(PREFIX).decode() for key in rows} == told, f"partition {number}"


def _employer(value: bytes) -> str:
    return EmployerAnswer.model_validate_json(value).employer_id
