"""Where a keyed machine's state left off, and whether its log is still the one it was made from, for the journal."""

import pytest

from agents.detector import JournalSource
from agents.keyed import ChangedLogError, check_row
from agents.log.records import TP
from agents.log.topic_id import topic_id
from agents.log.topics import admin, changelog_topic
from agents.log.transaction import Transactor, Write
from agents.lookahead import FirstPlaybooks
from agents.ops.metrics import Metrics
from agents.settings import Settings
from schemas import topics
from streams.journal.books import PartitionRow
from streams.journal.row import decode_row, encode_row
from streams.state.keys import ROW_KEY
from tests.agents.test_detector import JOURNAL, FakeTable
from tests.conftest import settled_ends
from tests.streams.builders import SHIPPED


@pytest.mark.parametrize(
    ("row", "begin", "end", "message"),
    [
        (
            PartitionRow(position=5, topic_id="old"),
            0,
            9,
            r"was recreated: the state belongs to topic id old, the broker has new",
        ),
        (
            PartitionRow(position=10, topic_id="new"),
            0,
            9,
            r"journal\.v1-2 ends at 9, but the state was committed up to 10",
        ),
        (
            PartitionRow(position=3, topic_id="new"),
            4,
            9,
            r"journal\.v1-2 begins at 4, but the state is only at 3",
        ),
        (PartitionRow(position=0, topic_id="old"), 0, 0, r"PAYTIDE_APP_ID"),
    ],
)
def test_a_journal_that_is_not_the_one_it_was_is_an_error_that_says_what_to_do(
    row: PartitionRow, begin: int, end: int, message: str
) -> None:
    with pytest.raises(ChangedLogError, match=message):
        check_row(row, "new", begin, end, JOURNAL)


@pytest.mark.parametrize(
    ("row", "begin", "end"),
    [
        (PartitionRow(position=9, topic_id="new"), 0, 9),
        (PartitionRow(position=4, topic_id="new"), 4, 9),
        (PartitionRow(), 4, 9),
        (PartitionRow(), 0, 0),
    ],
)
def test_a_journal_that_goes_on_where_the_state_is_passes(row: PartitionRow, begin: int, end: int) -> None:
    check_row(row, "new", begin, end, JOURNAL)


def a_source(settings: Settings) -> tuple[JournalSource, FakeTable]:
    table = FakeTable(changelog_topic(settings.app_id))
    playbooks = FirstPlaybooks(settings, SHIPPED.book)
    return JournalSource(settings, table, lambda: SHIPPED, Metrics(), playbooks), table  # type: ignore[arg-type]


@pytest.mark.broker
async def test_without_state_it_opens_at_the_journals_beginning_and_names_the_topic(
    service_settings: Settings,
) -> None:
    source, _ = a_source(service_settings)
    opened = await source.open(3, after_failure=False)
    async with admin(service_settings) as client:
        identity = await topic_id(client, topics.JOURNAL)
    writes = opened.processor.apply((), opened.position)
    [row] = writes[TP(changelog_topic(service_settings.app_id), 3)]
    assert decode_row(row.value or b"").topic_id == identity
    assert opened.position == 0


@pytest.mark.broker
async def test_state_of_another_journal_is_refused(service_settings: Settings) -> None:
    source, table = a_source(service_settings)
    table.rows[3] = encode_row(PartitionRow(topic_id="another"))
    with pytest.raises(ChangedLogError, match="recreated"):
        await source.open(3, after_failure=False)


@pytest.mark.broker
async def test_after_a_failure_it_reads_back_what_the_transaction_left(service_settings: Settings) -> None:
    source, table = a_source(service_settings)
    changelog = TP(changelog_topic(service_settings.app_id), 3)
    committed = encode_row(PartitionRow(topic_id=""))
    ours = Transactor(f"{service_settings.app_id}-t", 60_000, **service_settings.kafka_client())
    await ours.start()
    try:
        await ours.commit({changelog: [Write(b"known", b"1"), Write(ROW_KEY, b"long ago")]})
        table.note_committed(3, 1)
        await ours.commit({changelog: [Write(b"a", b"2"), Write(ROW_KEY, committed)]})
    finally:
        await ours.stop()
    await settled_ends(service_settings, [changelog])
    await source.open(3, after_failure=True)
    read = [(one.key, one.value) for cut in table.caught_up for one in cut.records]
    assert read == [(b"a", b"2"), (ROW_KEY, committed)], "from behind what was known to the end"
    assert [cut.tp for cut in table.caught_up] == [changelog] * len(table.caught_up)


@pytest.mark.broker
async def test_without_a_failure_the_changelog_is_left_to_faust(service_settings: Settings) -> None:
    source, table = a_source(service_settings)
    await source.open(0, after_failure=False)
    assert table.caught_up == []
