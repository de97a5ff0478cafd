"""A keyed machine's table: what is committed, what recovery brings back, and from where it starts."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from faust.tables.recovery import Recovery
from faust.types import TP as FaustTP

from agents.app import add_table
from agents.hosting import RecordSetSchema, bare_app, manager_of
from agents.log.records import TP, RecordSet
from agents.recordset.consumer import Hooks
from agents.recordset.table import SETS_WAITING, KeyedTable
from agents.settings import Settings
from streams.state.keys import ROW_KEY
from tests.agents.recordset.builders import Record, Silent, until

LOG = TP("app-accounts-changelog", 1)
OTHER_LOG = TP("app-groups-changelog", 1)


class Parts:
    """Two tables of one app, and what the first told."""

    def __init__(self) -> None:
        self.app = bare_app(Settings(_env_file=None), "app", Hooks())
        self.recovered: list[set[TP]] = []
        self.broken: list[Exception] = []
        self.table = self._add("accounts", LOG.topic)
        self.other = self._add("groups", OTHER_LOG.topic)

    def _add(self, name: str, changelog: str) -> KeyedTable:
        table = KeyedTable(
            self.app,
            name=name,
            on_recovered=self._on_recovered,
            on_broken=self.broken.append,
            changelog_topic=self.app.topic(changelog, schema=RecordSetSchema(), acks=False),
            partitions=4,
        )
        self.app.tables.add(table)
        return table

    async def _on_recovered(self, changelogs: set[TP]) -> None:
        self.recovered.append(changelogs)


@pytest.fixture
async def parts() -> Parts:
    return Parts()


def changelog(
    start: int, *writes: tuple[bytes | None, bytes | None], control: int = 1, tp: TP = LOG
) -> RecordSet:
    records = [Record(start + number, value, key) for number, (key, value) in enumerate(writes)]
    return RecordSet.cut(tp, start, start + len(records) + control, records)


class Event:
    """A Faust event, as far as Faust's recovery and the table look at it."""

    def __init__(self, value: Any) -> None:
        self.value = value
        if isinstance(value, RecordSet):
            self.message = SimpleNamespace(tp=FaustTP(*value.tp), offset=value.end - 1)


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


async def test_the_recovered_partitions_are_handed_over_and_no_other_tables(parts: Parts) -> None:
    ours = {TP(LOG.topic, 1), TP(LOG.topic, 3)}
    faust_tps = {FaustTP(*tp) for tp in ours | {OTHER_LOG}}
    await asyncio.wait_for(parts.table.on_recovery_completed(faust_tps, set()), 1)
    assert parts.recovered == [ours]


async def slurped(parts: Parts, *sets: RecordSet) -> None:
    """Let Faust's recovery hand sets over, as it does while the app runs."""
    recovery, queue = parts.app.tables.recovery, parts.app.tables.changelog_queue
    parts.app.flow_control.resume()
    for one in sets:
        queue.put_nowait(Event(one))
    slurping = asyncio.create_task(Recovery._slurp_changelogs.fun(recovery))
    await until(queue.empty, "recovery takes nothing in")
    slurping.cancel()
    await asyncio.gather(slurping, return_exceptions=True)
    recovery.flush_buffers()


async def test_each_table_of_an_app_takes_in_its_own_changelog(parts: Parts) -> None:
    recovery = parts.app.tables.recovery
    recovery.add_active(parts.table, FaustTP(*LOG))
    recovery.add_active(parts.other, FaustTP(*OTHER_LOG))
    await slurped(parts, changelog(0, (b"a", b"1")), changelog(0, (b"g", b"2"), tp=OTHER_LOG))
    assert (parts.table.contents(1), parts.other.contents(1)) == ({b"a": b"1"}, {b"g": b"2"})


async def test_a_set_of_another_tables_changelog_is_passed_over(parts: Parts) -> None:
    """Faust hands a set of a partition that has just gone to the table of the set before it."""
    parts.app.tables.recovery.add_active(parts.table, FaustTP(*LOG))
    await slurped(
        parts,
        changelog(0, (b"a", b"1")),
        changelog(7, (b"g", b"2"), (ROW_KEY, b"row of groups"), tp=OTHER_LOG),
        changelog(2, (b"b", b"3")),
    )
    assert parts.table.contents(1) == {b"a": b"1", b"b": b"3"}
    assert (parts.table.row(1), parts.table.persisted_offset(LOG)) == (None, 3)
    assert parts.broken == [], "a set of another log was taken for a hole in this one"


async def test_a_recovery_that_falls_behind_pauses_the_fetching_of_all_changelogs() -> None:
    """They wait in one queue, so that is what is bounded."""
    settings, hooks = Settings(_env_file=None, app_id="app"), Hooks()
    app = bare_app(settings, "app", hooks)
    manager = manager_of(app, settings, "app", hooks, Silent())
    for name in ("accounts", "groups"):
        add_table(app, hooks, manager, settings, name)
    queue = app.tables.changelog_queue
    for _ in range(SETS_WAITING):
        assert not hooks.is_full(LOG), "fetching pauses although recovery keeps up"
        queue.put_nowait(Event(changelog(0, (b"a", b"1"))))
    assert hooks.is_full(LOG), "a changelog of gigabytes would wait in memory"
    assert hooks.is_full(OTHER_LOG)
    queue.get_nowait()
    assert not hooks.is_full(LOG), "fetching never goes on"
    assert not hooks.is_full(OTHER_LOG)
