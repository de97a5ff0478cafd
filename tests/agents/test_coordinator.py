"""The coordinator: what a record set of the groups log writes, and where."""

from typing import Any

import pytest

from agents.coordinator import TIMEOUT_MS, Coordinator, GroupsSource
from agents.log.records import TP
from agents.log.transaction import Write, Writes
from agents.lookahead import FirstPlaybooks
from agents.ops.metrics import Metrics
from agents.settings import Settings
from schemas import topics
from schemas.groups import GROUPS
from streams.groups.partition import MOST_ANSWERS, GroupsPartition
from streams.journal.books import PartitionRow
from streams.journal.row import decode_row
from streams.state.keys import ROW_KEY
from tests.agents.test_detector import FakeTable
from tests.streams.groups.builders import Record, line, local, paid, rules, watermark

LOG = TP(GROUPS, 3)
CHANGELOG = TP("app-groups-changelog", 3)
MORNING = local("2026-03-05 10:00")
FOUR = local("2026-03-06 04:00")
AFTER = local("2026-03-06 04:01")


class Rig:
    """A coordinator over an empty table, of a log with four partitions."""

    def __init__(self) -> None:
        self.table, self.metrics = FakeTable(CHANGELOG.topic), Metrics()
        self.fold = GroupsPartition(rules(), self.table.stored, PartitionRow(topic_id="t-1"))
        self.coordinator = Coordinator(LOG, self.table, self.fold, 4, 100, self.metrics)  # type: ignore[arg-type]
        self.position = 0

    def apply(self, *records: Record) -> Writes:
        self.position += len(records)
        return self.coordinator.apply([line(one) for one in records], self.position)

    def commit(self, *records: Record) -> Writes:
        writes = self.apply(*records)
        self.coordinator.committed(dict.fromkeys(writes, 50))
        return writes

    def work(self) -> Writes:
        writes = self.coordinator.work(self.position)
        assert writes is not None, "there is work"
        self.coordinator.committed(dict.fromkeys(writes, 50))
        return writes

    def sample(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


def keys(writes: Any) -> list[bytes | None]:
    return [write.key for write in writes]


def answers(writes: Writes) -> dict[int, list[Write]]:
    return {tp.partition: list(records) for tp, records in writes.items() if tp.topic == topics.JOURNAL}


def test_what_is_told_is_filed_and_nothing_is_said_before_four_o_clock() -> None:
    writes = Rig().apply(paid(MORNING, "2026-03-05", count=3), watermark(MORNING))
    assert set(writes) == {CHANGELOG}
    last = list(writes[CHANGELOG])[-1]
    assert last.key == ROW_KEY, "the row is the last record, so its offset is the end of what is committed"
    row = decode_row(last.value or b"")
    assert (row.position, row.topic_id, row.books.applied) == (2, "t-1", 2)


def test_at_four_o_clock_the_fact_goes_beside_and_the_answers_where_the_employer_was_heard_of() -> None:
    rig = Rig()
    rig.commit(*(paid(MORNING, "2026-03-05", count=3, partition=number) for number in (0, 2)))
    rig.commit(watermark(AFTER, 0, 3), watermark(AFTER, 1, 3))
    writes = rig.commit(watermark(AFTER, 2, 3))
    assert set(writes) == {CHANGELOG, TP(topics.FACTS, 3), TP(topics.JOURNAL, 0), TP(topics.JOURNAL, 2)}
    assert keys(writes[TP(topics.FACTS, 3)]) == [b"employer:e"]
    for [answer] in answers(writes).values():
        assert (answer.key, answer.headers) == (None, (("by", b"coordinator"),))
    assert rig.sample("paytide_facts_total", fact="employer_payday") == 1
    assert rig.sample("paytide_exchanged_total", topic=topics.JOURNAL, kind="employer") == 2


def test_what_is_refused_is_a_dead_letter_that_names_the_groups_log() -> None:
    [letter] = Rig().apply(paid(MORNING, "2027-03-05"))[TP(topics.DEAD_LETTERS, 3)]
    headers = dict(letter.headers)
    assert (headers["topic"], headers["partition"]) == (GROUPS.encode(), b"3")


def test_the_table_changes_when_it_is_committed_and_the_figures_are_those_of_the_groups_log() -> None:
    rig = Rig()
    rig.apply(paid(MORNING, "2026-03-05"), watermark(MORNING))
    assert rig.table.stored == {}
    rig.coordinator.committed({CHANGELOG: 77})
    assert rig.table.stored
    assert rig.table.offsets == {3: 77}
    where = {"topic": GROUPS, "partition": "3"}
    assert rig.sample("paytide_clock_seconds", **where) == MORNING.timestamp()
    assert rig.sample("paytide_books_off", **where) == 0
    assert rig.sample("paytide_records_applied_total", topic=GROUPS) == 2


def test_a_transaction_carries_a_bounded_number_of_answers() -> None:
    """An open one holds back every journal partition's readers."""
    rig, heard = Rig(), 400
    told = [
        paid(MORNING, "2026-03-05", count=2, partition=number, employer=name)
        for name in "efg"
        for number in range(heard)
    ]
    rig.commit(*told, *(watermark(AFTER, number, heard) for number in range(heard - 1)))
    sizes = [len(answers(rig.commit(watermark(AFTER, heard - 1, heard))))]
    while rig.coordinator.has_work:
        sizes.append(len(answers(rig.work())))
    assert sizes == [heard, heard, heard]
    assert max(sizes) <= MOST_ANSWERS


@pytest.mark.parametrize(("seconds", "expected"), [(60.0, TIMEOUT_MS), (5.0, 5_000)])
def test_its_transactions_time_out_soon(seconds: float, expected: int) -> None:
    settings = Settings(_env_file=None, app_id="app", transaction_timeout=seconds)
    table, playbooks = FakeTable(CHANGELOG.topic), FirstPlaybooks(settings, rules().book)
    source = GroupsSource(settings, table, rules, Metrics(), playbooks)  # type: ignore[arg-type]
    assert source.transaction_timeout_ms == expected
    assert source.changelog == CHANGELOG.topic
