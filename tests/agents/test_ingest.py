"""Ingest: every line of a file is written, and time never overtakes the events (J7)."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest

from agents import ingest as module
from agents.ingest import Ingested, IngestError, ingest
from agents.log.offsets import LogReader
from agents.log.partitioner import partition_of
from agents.log.records import TP
from agents.settings import Settings
from schemas import topics
from schemas.dead import Reason, Rejection
from schemas.groups import GROUPS
from schemas.instant import parse_instant
from streams.journal.eventsfile import Line, parse_line
from tests.conftest import settled_ends
from tests.reference.lines import at, credit, out, tick
from tests.streams.builders import SHIPPED, record
from tests.streams.histories import PROFILE
from tests.streams.journals import playbook_line

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]

READ = (topics.JOURNAL, GROUPS, *topics.TYPE_TOPICS)


class Log(NamedTuple):
    """What was written since the test began."""

    settings: Settings
    begin: dict[TP, int]

    async def records(self, topic: str) -> list[Any]:
        """The records of a topic, partition after partition."""
        found: list[Any] = []
        ends = await settled_ends(self.settings, [tp for tp in self.begin if tp.topic == topic])
        async with LogReader(self.settings) as log:
            for tp, end in ends.items():
                async for cut in log.read(tp, self.begin[tp], end):
                    found += cut.records
        return found

    async def ids(self, topic: str) -> list[str]:
        """The event_ids in a topic, sorted."""
        return sorted(json.loads(one.value).get("event_id", "tick") for one in await self.records(topic))

    async def ticks(self) -> list[int]:
        """The instants of the ticks in partition 0, in order."""
        values = [json.loads(one.value) for one in await self.records(topics.JOURNAL) if one.partition == 0]
        return [parse_instant(value["instant"]) for value in values if value["type"] == "tick"]


@pytest.fixture
async def log(service_settings: Settings) -> Log:
    async with LogReader(service_settings) as reader:
        tps = [tp for topic in READ for tp in await reader.partitions(topic)]
    return Log(service_settings, await settled_ends(service_settings, tps))


class FakeBarrier:
    """A router that has always caught up; takes down what was in the transfers' topic when it was asked."""

    seen: list[int]

    def __init__(self, settings: Settings) -> None:
        self._log = LogReader(settings)

    async def __aenter__(self) -> "FakeBarrier":
        await self._log.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._log.__aexit__(*exc)

    async def wait(self, timeout: float) -> None:
        ends = await self._log.ends(await self._log.partitions(topics.TRANSFERS))
        self.seen.append(sum(ends.values()))


@pytest.fixture(autouse=True)
def barrier(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(module, "RouterBarrier", FakeBarrier)
    FakeBarrier.seen = []
    return FakeBarrier.seen


def typed(topic: str, line: dict[str, Any]) -> Line:
    """A line of a type topic."""
    return record(line | {"topic": topic})


def transfers(number: int) -> list[Line]:
    return [typed(topics.TRANSFERS, out(f"x{n:03}", at(0, 0, n), 1)) for n in range(number)]


def profile(name: str) -> Line:
    value = PROFILE | {"account_id": name}
    return record({"topic": topics.CUSTOMER_PROFILES, "key": name, "value": value})


def when(day: int, hour: int = 12, minute: int = 0) -> int:
    return parse_instant(at(day, hour, minute))


async def test_every_line_is_written_to_its_topic_with_its_bytes_and_headers(log: Log) -> None:
    with_header = parse_line(
        b'{"topic": "payday.journal.v1", "key": "a", "raw": "eyJhIjoxfQ==", "type": "transfer"}'
    )
    assert isinstance(with_header, Line)
    lines = [typed(topics.PAYROLL_CREDITS, credit("p", at(0), 1)), *transfers(3), with_header]
    done = await ingest(log.settings, lines)
    assert (done.records, done.ticks) == (5, 1)
    assert await log.ids(topics.PAYROLL_CREDITS) == ["p"]
    assert [one.value for one in await log.records(topics.TRANSFERS)] == [line.value for line in lines[1:4]]
    [direct] = [one for one in await log.records(topics.JOURNAL) if one.value == b'{"a":1}']
    assert (direct.key, list(direct.headers)) == (b"a", [("type", b"transfer")])


async def test_what_a_service_wrote_itself_is_skipped_and_counted(log: Log) -> None:
    told = Line(GROUPS, b"employer:e", b"{}", (("by", b"detector"),))
    answer = record(out("y", at(0), 1))
    answer.key, answer.headers = None, (("by", b"coordinator"),)
    theirs = transfers(3)[2]  # a producer's record has a key, and may have any header (J3)
    theirs.headers = (("by", b"coordinator"),)
    done = await ingest(log.settings, [*transfers(1), told, answer, theirs])
    assert (done.records, done.skipped) == (2, 2)
    ids = [json.loads(transfers(3)[number].value or b"")["event_id"] for number in (0, 2)]
    written = [*await log.records(topics.TRANSFERS), *await log.records(topics.JOURNAL)]
    found = [json.loads(one.value).get("event_id") for one in written]
    assert sorted(one for one in found if one) == sorted(ids)
    assert all(json.loads(one.value)["type"] == "playbook" for one in await log.records(GROUPS))


async def test_a_key_decides_the_partition_as_with_the_java_client(log: Log) -> None:
    names = [f"a{n}" for n in range(12)]
    lines = [record(out("x", at(0), 1, key=name, account_id=name)) for name in names]
    await ingest(log.settings, lines)
    found = {one.key.decode(): one.partition for one in await log.records(topics.JOURNAL) if one.key}
    assert found == {name: partition_of(name.encode(), 4) for name in names}


async def test_after_so_many_lines_a_tick_follows_at_the_largest_instant_so_far(log: Log) -> None:
    late = typed(topics.TRANSFERS, out("late", at(-3), 1))
    done = await ingest(log.settings, [*transfers(4), late, *transfers(7)[5:]], lines_per_tick=3)
    assert await log.ticks() == [when(0, 0, 2), when(0, 0, 5), when(0, 0, 6)], (
        "at 3 and 6 lines, and at the end"
    )
    assert (done.records, done.ticks, done.clock) == (7, 3, when(0, 0, 6))


async def test_the_worker_s_own_playbook_comes_first_to_both_logs_unless_the_file_has_one(log: Log) -> None:
    own = playbook_line(SHIPPED.book.model_dump(mode="json") | {"version": 7}, at(0))
    await ingest(log.settings, transfers(1))
    await ingest(log.settings, [*transfers(1), record(own)], own_playbook=True)
    for topic in (topics.JOURNAL, GROUPS):
        values = [json.loads(one.value) for one in await log.records(topic) if one.partition == 0]
        books = [one for one in values if one["type"] == "playbook"]
        assert [(one["playbook"]["version"], one["first"]) for one in books] == [(1, True), (7, False)], topic
        assert values[0]["type"] == "playbook"


async def test_a_tick_goes_to_every_partition(log: Log) -> None:
    await ingest(log.settings, transfers(1))
    ticks = [one for one in await log.records(topics.JOURNAL) if json.loads(one.value)["type"] == "tick"]
    assert sorted(one.partition for one in ticks) == [0, 1, 2, 3]
    assert {one.key for one in ticks} == {None}


async def test_before_a_tick_the_router_is_waited_for_with_all_lines_before_it_written(
    log: Log, barrier: list[int]
) -> None:
    before = sum(position for tp, position in log.begin.items() if tp.topic == topics.TRANSFERS)
    await ingest(log.settings, transfers(7), lines_per_tick=3)
    assert [seen - before for seen in barrier] == [3, 6, 7], (
        "a tick would overtake lines that lie in our own batches"
    )


async def test_time_does_not_go_back(log: Log) -> None:
    lines = [record(line) for line in (tick(at(2)), tick(at(1)), tick(at(2)), tick(at(3)))]
    done = await ingest(log.settings, lines, own_ticks=True)
    assert await log.ticks() == [when(2), when(3)]
    assert (done.records, done.ticks) == (0, 2)


async def test_a_file_with_ticks_is_ticked_by_those_alone(log: Log) -> None:
    await ingest(log.settings, [*transfers(5), record(tick(at(1)))], own_ticks=True, lines_per_tick=2)
    assert await log.ticks() == [when(1)]
    assert len(await log.ids(topics.TRANSFERS)) == 5


async def test_until_moves_the_clock_on_after_the_last_line(log: Log) -> None:
    done = await ingest(log.settings, transfers(1), until=when(40))
    assert await log.ticks() == [when(0, 0, 0), when(40)]
    assert done.clock == when(40)


async def test_many_lines_are_written_in_order_over_batches(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", 2_000)
    lines = transfers(60)
    told: list[int] = []
    await ingest(log.settings, lines * 10, on_progress=lambda done: told.append(done.records))
    found = [one.value for one in await log.records(topics.TRANSFERS)]
    assert found == [line.value for line in lines] * 10
    assert told == [500, 600]


async def test_a_record_larger_than_a_batch_is_written_too(log: Log) -> None:
    large = Line(topics.TRANSFERS, b"a", b"x" * (module.BATCH_BYTES + 1))
    await ingest(log.settings, [large, *transfers(1)])
    assert [len(one.value) for one in await log.records(topics.TRANSFERS)] == [
        len(large.value or b""),
        len(transfers(1)[0].value or b""),
    ]


async def test_a_line_of_an_unknown_topic_is_an_error_that_names_it(log: Log) -> None:
    with pytest.raises(IngestError, match=r"unknown topic 'elsewhere'"):
        await ingest(log.settings, [Line("elsewhere", b"k", b"v")])


async def test_a_line_that_is_not_one_is_an_error_that_names_it(log: Log) -> None:
    with pytest.raises(IngestError, match="line 3 is not an events-file line"):
        await ingest(log.settings, [*transfers(2), Rejection(Reason.MALFORMED, "not an events file line")])


async def run_out(log: Log, lines: Iterable[Line | Rejection], **more: Any) -> Ingested | None:
    try:
        return await ingest(log.settings, lines, **more)
    except IngestError:
        return None


async def test_a_file_without_postings_is_written(log: Log) -> None:
    done = await ingest(log.settings, [profile(f"a{n}") for n in range(5)])
    assert done.records == 5
    assert len(await log.records(topics.CUSTOMER_PROFILES)) == 5, "what was counted was not written"


async def test_lines_after_a_files_last_tick_are_written(log: Log) -> None:
    done = await ingest(log.settings, [record(tick(at(0))), *transfers(5)], own_ticks=True)
    assert done.records == 5
    assert len(await log.records(topics.TRANSFERS)) == 5, "what was counted was not written"


async def test_what_lies_before_a_bad_line_is_written(log: Log) -> None:
    assert await run_out(log, [*transfers(2), Rejection(Reason.MALFORMED, "")]) is None
    assert await log.ids(topics.TRANSFERS) == ["x000", "x001"]
