"""The detector: what a record set writes, and when its state and figures move on."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from agents.deadletters import TooManyDeadLettersError
from agents.detector import Detector
from agents.folding import BESIDE, FEWEST_DUE, MOST_DUE
from agents.log.partitioner import partition_of
from agents.log.records import TP, RecordSet
from agents.log.transaction import Write, Writes
from agents.ops.metrics import Metrics
from schemas import topics
from schemas.groups import GROUPS
from schemas.instant import parse_instant
from schemas.tasks import Task
from streams.journal.books import PartitionRow
from streams.journal.eventsfile import Line
from streams.journal.partition import Partition
from streams.journal.row import decode_row
from streams.state import codec
from streams.state.keys import ROW_KEY
from tests.reference.lines import at, credit, move, out, tick
from tests.streams.builders import SHIPPED, record
from tests.streams.journal.test_known_employers import answer, line
from tests.streams.journals import playbook_line

JOURNAL = TP(topics.JOURNAL, 2)
CHANGELOG = TP("app-accounts-changelog", 2)
FACTS, TASKS, DEAD = TP(topics.FACTS, 2), TP(topics.INTERVENTIONS, 2), TP(topics.DEAD_LETTERS, 2)
GROUPS_LOG = [TP(GROUPS, number) for number in range(4)]
BAD = Line(topics.JOURNAL, b"zz", b"{", (("source", b"payday.transfers.v1,0,9"),), timestamp=0, offset=1)


class FakeTable:
    """A table without Faust."""

    def __init__(self, changelog: str = CHANGELOG.topic) -> None:
        self.changelog = changelog
        self.stored: dict[bytes, bytes] = {}
        self.rows: dict[int, bytes] = {}
        self.offsets: dict[int, int] = {}
        self.caught_up: list[RecordSet] = []

    def contents(self, partition: int) -> dict[bytes, bytes]:
        return self.stored

    def row(self, partition: int) -> bytes | None:
        return self.rows.get(partition)

    def merge(self, partition: int, changed: dict[bytes, bytes | None], row: bytes) -> None:
        for key, value in changed.items():
            if value is None:
                self.stored.pop(key, None)
            else:
                self.stored[key] = value
        self.rows[partition] = row

    def note_committed(self, partition: int, offset: int) -> None:
        self.offsets[partition] = offset

    def persisted_offset(self, tp: TP) -> int | None:
        return self.offsets.get(tp.partition)

    def apply(self, record_set: RecordSet) -> None:
        self.caught_up.append(record_set)
        for one in record_set.records:
            if not one.key:
                self.rows[record_set.tp.partition] = one.value or b""


class Rig:
    """A detector over an empty table."""

    def __init__(self, limit: int = 100) -> None:
        self.table, self.metrics = FakeTable(), Metrics()
        row = PartitionRow(topic_id="t-1")
        self.partition = Partition(SHIPPED, self.table.stored, row, is_ours=lambda key: key != b"foreign")
        self.detector = Detector(JOURNAL, self.table, self.partition, 4, limit, self.metrics)  # type: ignore[arg-type]
        self.position = 0

    def apply(self, *lines: dict[str, Any] | Line) -> Writes:
        records = [line if isinstance(line, Line) else record(line) for line in lines]
        self.position += len(records)
        return self.detector.apply(records, self.position)

    def commit(self, *lines: dict[str, Any] | Line) -> Writes:
        writes = self.apply(*lines)
        self.detector.committed(dict.fromkeys(writes, 50))
        return writes

    def sample(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


def row_of(writes: Writes) -> PartitionRow:
    last = list(writes[CHANGELOG])[-1]
    assert last.key == ROW_KEY, "the row is the last record, so its offset is the end of what is committed"
    return decode_row(last.value or b"")


def keys(writes: Iterable[Write]) -> list[bytes | None]:
    return [write.key for write in writes]


# --- what is written ---


def test_a_set_writes_the_changed_accounts_and_the_row_with_position_clock_books_and_topic() -> None:
    writes = Rig().apply(credit("p", at(0), 1_000_000), tick(at(0, 13)))
    assert set(writes) == {CHANGELOG, *GROUPS_LOG}
    account, _row = writes[CHANGELOG]
    assert account.key == b"a"
    assert codec.decode(account.key or b"", account.value or b"").account_id == "a"
    row = row_of(writes)
    assert (row.position, row.topic_id) == (2, "t-1")
    assert row.clock == parse_instant(at(0, 13))
    assert (row.books.read, row.books.applied, row.books.balanced) == (2, 2, True)


def test_a_payday_goes_to_the_employers_partition_of_the_groups_log_and_a_watermark_to_each() -> None:
    writes = Rig().apply(tick(at(0, 12)), credit("p", at(0), 1_000_000))
    theirs = TP(GROUPS, partition_of(b"employer:e1", 4))
    said = {tp: [json.loads(one.value or b"")["type"] for one in writes[tp]] for tp in GROUPS_LOG}
    assert said == {tp: ["paid", "watermark"] if tp == theirs else ["watermark"] for tp in GROUPS_LOG}
    assert keys(writes[theirs]) == [b"employer:e1", None]
    assert {one.headers for tp in GROUPS_LOG for one in writes[tp]} == {(("by", b"detector"),)}


def test_the_position_in_the_row_is_the_one_after_the_records_not_their_number() -> None:
    rig = Rig()
    assert row_of(rig.detector.apply([record(credit("p", at(0), 1))], 1_234)).position == 1_234
    rig.detector.committed({CHANGELOG: 1})
    assert row_of(rig.detector.apply((), 1_236)).position == 1_236, "control records alone move it, too"


def test_a_large_transfer_writes_a_task_and_keys_it_with_the_account() -> None:
    rig = Rig()
    rig.commit(credit("p", at(0), 1_000_000))
    writes = rig.apply(out("x", at(1), 400_000))
    [write] = writes[TASKS]
    task = Task.model_validate_json(write.value or b"")
    assert (write.key, task.account_id, task.reasons[0].event_id) == (b"a", "a", "x")


def test_a_hot_account_is_said_and_counted() -> None:
    rig = Rig()
    lines = [move(f"s{n}", at(1, 0, n % 60), 1, "out", "fee") for n in range(SHIPPED.pending_limit + 1)]
    [write] = rig.commit(*lines)[FACTS]
    assert b'"fact":"hot_account"' in (write.value or b"")
    assert rig.sample("paytide_hot_accounts_total") == 1


def test_a_closed_cycle_writes_its_facts_keyed_with_the_account() -> None:
    rig = Rig()
    rig.commit(credit("p", at(0), 1_000_000))
    writes = rig.apply(tick(at(20)))
    facts = [json.loads(write.value or b"") for write in writes[FACTS]]
    assert "account_cycle" in {fact["fact"] for fact in facts}
    assert set(keys(writes[FACTS])) == {b"a"}


def test_a_bad_record_writes_a_dead_letter_of_that_very_record() -> None:
    rig = Rig()
    rig.commit(credit("p", at(0), 1))  # an earlier set must not shift the places in this one
    writes = rig.apply(out("x", at(1), 1), BAD, out("y", at(1), 1))
    [letter] = writes[DEAD]
    assert (letter.key, letter.value) == (b"zz", b"{")
    headers = dict(letter.headers)
    assert (headers["topic"], headers["partition"], headers["offset"]) == (b"payday.journal.v1", b"2", b"1")
    assert (headers["reason"], headers["source"]) == (b"malformed", b"payday.transfers.v1,0,9")
    assert row_of(writes).books.balanced


def test_a_record_of_another_partition_is_a_dead_letter() -> None:
    line = credit("p", at(0), 1, key="foreign", account_id="foreign")
    [letter] = Rig().apply(line | {"key": "foreign"})[DEAD]
    assert dict(letter.headers)["reason"] == b"wrong_partition"


def test_what_has_not_changed_is_not_written() -> None:
    rig = Rig()
    rig.commit(credit("p", at(0), 1_000_000))
    assert keys(rig.apply(credit("p", at(0), 1_000_000))[CHANGELOG]) == [ROW_KEY], (
        "a duplicate changes the row alone"
    )


# --- committing ---


def test_the_table_changes_only_when_the_writes_are_committed() -> None:
    rig = Rig()
    writes = rig.apply(credit("p", at(0), 1_000_000))
    assert (rig.table.stored, rig.table.rows) == ({}, {})
    rig.detector.committed({CHANGELOG: 77})
    account, row = writes[CHANGELOG]
    assert rig.table.stored == {b"a": account.value}
    assert rig.table.rows == {2: row.value}
    assert rig.table.offsets == {2: 77}, "a retained partition is recovered from here"


def test_figures_are_told_when_they_are_committed() -> None:
    rig = Rig()
    rig.apply(credit("p", at(0), 1_000_000), out("x", at(1), 400_000), BAD)
    assert rig.sample("paytide_tasks_total", kind="outflow_alert") is None
    rig.detector.committed({CHANGELOG: 5})
    assert rig.sample("paytide_tasks_total", kind="outflow_alert") == 1
    assert rig.sample("paytide_dead_letters_total", topic=topics.JOURNAL, reason="malformed") == 1
    assert rig.sample("paytide_accounts", partition="2") == 1
    assert rig.sample("paytide_position", topic=topics.JOURNAL, partition="2") == 3
    assert rig.sample("paytide_books_off", topic=topics.JOURNAL, partition="2") == 0
    rig.commit(playbook_line(SHIPPED.book.model_dump(mode="json"), at(0)))
    assert rig.sample("paytide_accounts", partition="2") == 1, "what is in force is no account"
    rig.commit(line(answer(9)), line(answer(9, employer="f")))
    assert rig.sample("paytide_accounts", partition="2") == 1, "an employer is no account"
    assert len(rig.table.stored) == 4


def test_too_many_dead_letters_stop_it() -> None:
    rig = Rig(limit=1)
    rig.commit(BAD)
    with pytest.raises(TooManyDeadLettersError):
        rig.apply(BAD)


# --- deadlines ---


def with_open_cycles(accounts: int) -> Rig:
    rig = Rig()
    rig.commit(*(credit("p", at(0), 1, account_id=f"a{n}", key=f"a{n}") for n in range(accounts)))
    assert rig.detector.work(rig.position) is None, "nothing is due"
    return rig


def closed(writes: Writes | None) -> int:
    assert writes is not None
    return len(set(keys(writes.get(FACTS, []))))


def test_a_tick_that_closes_many_is_worked_off_in_slices() -> None:
    rig = with_open_cycles(FEWEST_DUE + 3)
    assert closed(rig.commit(tick(at(60)))) == FEWEST_DUE
    assert rig.detector.has_work
    rest = rig.detector.work(rig.position)
    assert closed(rest) == 3
    assert rest is not None
    assert not rig.detector.has_work
    assert row_of(rest).position == rig.position


def test_the_slices_grow_while_nothing_else_comes_and_are_small_again_when_something_does() -> None:
    rig = with_open_cycles(4 * MOST_DUE)
    slices = [closed(rig.commit(tick(at(60))))]
    for _ in range(5):
        slices.append(closed(rig.detector.work(rig.position)))
        rig.detector.committed({CHANGELOG: 50})
    slices.append(closed(rig.commit(tick(at(61)))))
    assert slices == [50, 100, 200, 400, 500, 500, 50]


def test_under_load_a_slice_is_as_large_as_what_the_records_give_rise_to() -> None:
    rig = with_open_cycles(3 * MOST_DUE)
    ticks = [tick(at(60))] * 100
    assert closed(rig.commit(*ticks)) == 2 * len(ticks), "deadlines would pile up"
    assert closed(rig.commit(*ticks * 10)) == MOST_DUE, "so many records wait no longer for more than these"


def test_a_large_set_fires_so_many_that_watermarks_are_not_starved() -> None:
    rig = with_open_cycles(3 * MOST_DUE)
    writes = rig.commit(*[tick(at(60))] * (3 * MOST_DUE * BESIDE))
    assert closed(writes) == 3 * MOST_DUE
    assert any(b'"watermark"' in (write.value or b"") for write in writes[GROUPS_LOG[0]]), (
        "no deadline waits, and the groups log hears nothing of it"
    )
