"""The account table: what is committed, what recovery brings back, and from where it starts."""

import asyncio
from typing import Any

import pytest
from faust.types import TP as FaustTP

from agents.app import create_app
from agents.hosting import RecordSetSchema, bare_app
from agents.log.records import TP, RecordSet
from agents.recordset.consumer import Hooks
from agents.recordset.table import SETS_WAITING, AccountTable
from agents.settings import Settings
from streams.state.keys import ROW_KEY
from tests.agents.recordset.builders import Record

LOG = TP("app-accounts-changelog", 1)


class Parts:
    """A table and what it told."""

    def __init__(self) -> None:
        app = bare_app(Settings(_env_file=None), "app", Hooks())
        self.recovered: list[set[int]] = []
        self.broken: list[Exception] = []
        self.table = AccountTable(
            app,
            name="accounts",
            on_recovered=self._on_recovered,
            on_broken=self.broken.append,
            changelog_topic=app.topic(LOG.topic, schema=RecordSetSchema(), acks=False),
            partitions=4,
        )

    async def _on_recovered(self, partitions: set[int]) -> None:
        self.recovered.append(partitions)


@pytest.fixture
async def parts() -> Parts:
    return Parts()


def changelog(start: int, *writes: tuple[bytes | None, bytes | None], control: int = 1) -> RecordSet:
    records = [Record(start + number, value, key) for number, (key, value) in enumerate(writes)]
    return RecordSet.cut(LOG, start, start + len(records) + control, records)


class Event:
    """A Faust event, as far as the table looks at it."""

    def __init__(self, value: Any) -> None:
        self.value = value


async def test_recovery_takes_the_last_value_of_each_key_and_removes_what_has_gone(parts: Parts) -> None:
    table = parts.table
    table.apply_changelog_batch(
        [
            Event(changelog(0, (b"a", b"1"), (b"b", b"1"), (ROW_KEY, b"row 1"))),
            Event(changelog(4, (b"a", b"2"), (b"b", None), (ROW_KEY, b"row 2"))),
        ]
    )
    assert table.contents(1) == {b"a": b"2"}
    assert table.row(1) == b"row 2"
    assert table.persisted_offset(LOG) == 7, "the control record at 7 included: recovery goes on at 8"


async def test_the_partitions_are_kept_apart(parts: Parts) -> None:
    parts.table.apply(changelog(0, (b"a", b"1")))
    assert parts.table.contents(0) == {}
    assert (parts.table.row(0), parts.table.persisted_offset(TP(LOG.topic, 0))) == (None, None)


async def test_a_commit_is_merged_and_recovery_starts_behind_it(parts: Parts) -> None:
    table = parts.table
    table.merge(1, {b"a": b"1", b"b": b"2"}, b"row 1")
    table.merge(1, {b"a": None, b"c": b"3", b"never there": None}, b"row 2")
    table.note_committed(1, 41)
    assert (table.contents(1), table.row(1)) == ({b"b": b"2", b"c": b"3"}, b"row 2")
    assert table.persisted_offset(LOG) == 41


async def test_a_changelog_that_ends_in_control_records_is_read_to_its_end(parts: Parts) -> None:
    parts.table.apply(changelog(0, (b"a", b"1")))
    parts.table.apply(changelog(2, control=3))
    assert parts.table.persisted_offset(LOG) == 4
    assert parts.table.contents(1) == {b"a": b"1"}


async def test_what_is_forgotten_is_recovered_from_the_beginning(parts: Parts) -> None:
    parts.table.apply(changelog(0, (b"a", b"1"), (ROW_KEY, b"row")))
    parts.table.forget(1)
    assert (parts.table.contents(1), parts.table.row(1), parts.table.persisted_offset(LOG)) == (
        {},
        None,
        None,
    )


async def test_a_partition_that_went_to_another_worker_is_forgotten_and_no_other(parts: Parts) -> None:
    for partition in (1, 2):
        parts.table.merge(partition, {b"a": b"1"}, b"row")
        parts.table.note_committed(partition, 5)
    gone, kept, input_of_kept = FaustTP(LOG.topic, 1), FaustTP(LOG.topic, 2), FaustTP("journal", 2)
    await parts.table.on_rebalance({kept}, {gone, input_of_kept}, set())
    assert (parts.table.contents(1), parts.table.persisted_offset(gone)) == ({}, None)
    assert parts.table.contents(2) == {b"a": b"1"}, "a retained partition was thrown away"
    assert parts.table.persisted_offset(kept) == 5


async def test_what_was_fetched_of_a_partition_before_it_went_is_not_taken_for_its_beginning(
    parts: Parts,
) -> None:
    ours = FaustTP(LOG.topic, LOG.partition)
    recovery = parts.table.app.tables.recovery
    recovery.active_offsets[ours] = 9
    await parts.table.on_rebalance(set(), {ours}, set())
    assert ours not in recovery.active_offsets, "Faust would recover from the middle"
    parts.table.apply(changelog(10, (b"a", b"1")))
    assert parts.table.persisted_offset(ours) is None, "and so would we"
    await parts.table.on_rebalance({ours}, set(), {ours})
    parts.table.apply(changelog(0, (b"a", b"0")))
    assert parts.table.contents(LOG.partition) == {b"a": b"0"}


async def test_of_a_partition_that_is_not_held_faust_remembers_no_offset(parts: Parts) -> None:
    ours = FaustTP(LOG.topic, LOG.partition)
    recovery = parts.table.app.tables.recovery
    recovery.active_offsets[ours] = 9  # a set that came while it went
    await parts.table.on_rebalance({ours}, set(), {ours})
    assert ours not in recovery.active_offsets, "Faust would recover from the middle"
    parts.table.note_committed(LOG.partition, 9)
    recovery.active_offsets[ours] = 9
    await parts.table.on_rebalance({ours}, set(), set())
    assert recovery.active_offsets[ours] == 9, "it is held up to there"


async def test_an_error_in_recovery_is_told_on_a_way_that_faust_does_not_swallow(parts: Parts) -> None:
    with pytest.raises(AttributeError):
        parts.table.apply_changelog_batch([Event("not a record set")])
    assert [type(error) for error in parts.broken] == [AttributeError]


async def test_the_recovered_partitions_are_handed_over(parts: Parts) -> None:
    faust_tps = {TP(LOG.topic, 1), TP(LOG.topic, 3)}
    await asyncio.wait_for(parts.table.on_recovery_completed(faust_tps, set()), 1)  # type: ignore[arg-type]
    assert parts.recovered == [{1, 3}]


async def test_a_recovery_that_falls_behind_pauses_the_fetching_of_its_changelog() -> None:
    app = create_app(Settings(_env_file=None, app_id="app")).app
    hooks, queue = app.transport.hooks, app.tables.changelog_queue
    for _ in range(SETS_WAITING):
        assert not hooks.is_full(LOG), "fetching pauses although recovery keeps up"
        queue.put_nowait(Event(changelog(0, (b"a", b"1"))))
    assert hooks.is_full(LOG), "a changelog of gigabytes would wait in memory"
    queue.get_nowait()
    assert not hooks.is_full(LOG), "fetching never goes on"
