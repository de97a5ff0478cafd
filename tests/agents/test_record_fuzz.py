"""Whatever stands in a batch, nothing raises on its way: router, detector, dead letters (X4)."""

from collections.abc import Iterable
from typing import Any

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agents.deadletters import dead_letter
from agents.log.producer import CODECS
from agents.log.records import TP, RecordSet
from agents.log.transaction import Transactor, Writes
from agents.ops.metrics import Metrics
from agents.recordset.fetched import FetchedRecords
from agents.router import Router
from schemas import topics
from schemas.dead import Reason
from streams.journal.eventsfile import Line, format_line, parse_line
from tests.streams.builders import Kept
from tests.streams.journal.test_partition_fuzz import MONSTERS, records

LARGEST = 2**63 - 1
PARTITIONS = 4

written = st.lists(records | st.sampled_from(MONSTERS), min_size=1, max_size=8)
codecs = st.sampled_from(list(CODECS))


def sent(lines: list[Line], codec: str) -> bytes:
    """What a producer sends: one batch."""
    builder = DefaultRecordBatchBuilder(2, CODECS[codec], 0, -1, 0, 0, 1 << 24)
    for offset, line in enumerate(lines):
        timestamp = min(LARGEST, line.timestamp if line.timestamp is not None else 0)
        builder.append(
            offset, timestamp=timestamp, key=line.key, value=line.value, headers=list(line.headers)
        )
    return bytes(builder.build())


def read(data: bytes, tp: TP) -> RecordSet:
    """What is made of a fetch."""
    found: list[Any] = []
    batches = FetchedRecords(data)
    while batches.has_next():
        found += batches.next_batch().records()
    return RecordSet.cut(tp, 0, len(found), found)


def letters(writes: Writes, tp: TP, codec: str) -> list[Any]:
    """The dead letters among some writes, as their readers get them."""
    transactor: Any = object.__new__(Transactor)
    batches = transactor._batches(writes.get(tp, ()), codec)
    return [record for batch, _ in batches for record in read(bytes(batch._build()), tp).records]


def assert_letters_are_readable(found: Iterable[Any], of: RecordSet) -> None:
    for letter in found:
        headers = dict(letter.headers)
        original = of.records[int(headers["offset"])]
        assert (letter.key, letter.value) == (original.key, original.value), "the original bytes"
        assert headers["reason"].decode() in list(Reason)
        assert None not in headers.values()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(written, codecs, codecs, st.sampled_from(sorted(topics.TYPE_TOPICS)))
@example(MONSTERS, "zstd", "zstd", topics.TRANSFERS)
def test_the_router_passes_each_record_on_or_refuses_it(
    lines: list[Line], codec: str, ours: str, topic: str
) -> None:
    tp = TP(topic, 1)
    fetched = read(sent(lines, codec), tp)
    router = Router(tp, PARTITIONS, 1_000, Metrics())
    writes = router.apply(fetched.records, fetched.end)
    router.committed({})
    assert sum(len(list(some)) for some in writes.values()) == len(lines), "one output for each record"
    assert_letters_are_readable(letters(writes, TP(topics.DEAD_LETTERS, 1), ours), fetched)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(written, codecs, codecs)
@example(MONSTERS, "lz4", "zstd")
def test_the_journal_is_applied_or_refused_and_the_books_balance(
    lines: list[Line], codec: str, ours: str
) -> None:
    tp = TP(topics.JOURNAL, 0)
    fetched = read(sent(lines, codec), tp)
    kept = Kept().read_together(fetched.records).take()  # type: ignore[arg-type]
    books = kept.partition.row.books
    assert books.balanced
    assert books.read == len(lines)
    dead = [dead_letter(fetched.records[one.place], tp, one.rejection) for one in kept.dead]
    assert_letters_are_readable(letters({tp: dead}, tp, ours), fetched)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(written, codecs)
def test_the_journal_exported_comes_to_what_it_came_to(lines: list[Line], codec: str) -> None:
    fetched = read(sent(lines, codec), TP(topics.JOURNAL, 0)).records
    exported = [
        parse_line(format_line(Line(topics.JOURNAL, one.key, one.value, one.headers, one.timestamp)))
        for one in fetched
    ]
    live, replayed = Kept().read_together(fetched), Kept().read_together(exported)  # type: ignore[arg-type]
    assert replayed.outcome == live.outcome
    assert [one.rejection.reason for one in replayed.dead] == [one.rejection.reason for one in live.dead]
