"""The inbox: whatever is delivered, what is taken is the log from the position on, each record once.

It is over 300 lines because the space of deliveries, and its model, belong together.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.log.records import TP, LogGapError, RecordSet
from agents.recordset.inbox import SEEK_AGAIN_SECONDS, SEEKS, Inbox
from tests.agents.recordset.builders import IN, Seeks, offsets_of, record_set

quick = settings(max_examples=150, deadline=None)


class Clock:
    """Time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def standing_clock() -> Iterator[Clock]:
    clock = Clock()
    with mock.patch("agents.recordset.inbox.monotonic", clock):
        yield clock


ONE = record_set(0, 1).size


def inbox_at(position: int, seek: Seeks, max_bytes: int = 1_000) -> Inbox:
    return Inbox(IN, position, seek, max_bytes)


async def everything(inbox: Inbox, max_records: int = 1_000_000) -> list[RecordSet]:
    taken = []
    while (one := await inbox.take(max_records, 0)) is not None:
        taken.append(one)
    return taken


# --- contiguity ---

POSITIONS = st.integers(0, 30)
SPANS = st.tuples(POSITIONS, st.integers(1, 12))


@quick
@given(position=POSITIONS, spans=st.lists(SPANS, max_size=25), controls=st.sets(st.integers(0, 45)))
def test_taken_records_are_the_log_from_the_position_on_each_once(
    position: int, spans: list[tuple[int, int]], controls: set[int]
) -> None:
    # Sets are cut anywhere: delivered again, overlapping, ahead of the position; some offsets are control records.
    def cut(start: int, length: int) -> RecordSet:
        return record_set(start, start + length, sorted(set(range(start, start + length)) - controls))

    async def run() -> None:
        inbox = inbox_at(position, Seeks())
        for start, length in spans:
            await inbox.offer(cut(start, length))
        end = inbox.end
        taken = await everything(inbox)
        expected = [offset for offset in range(position, end) if offset not in controls]
        assert offsets_of(taken) == expected, (
            f"the log from {position} to {end}, nothing twice, nothing left out"
        )
        assert inbox.position == end, "the position is behind the last set taken"

    asyncio.run(run())


@quick
@given(spans=st.lists(SPANS, max_size=25), takes=st.lists(st.booleans(), max_size=25))
def test_each_set_taken_follows_on_the_one_before(spans: list[tuple[int, int]], takes: list[bool]) -> None:
    async def run() -> None:
        inbox, position = inbox_at(0, Seeks()), 0
        for number, (start, length) in enumerate(spans):
            await inbox.offer(record_set(start, start + length))
            if number < len(takes) and takes[number]:
                taken = await inbox.take(10, 0)
                if taken is not None:
                    assert taken.start == position, "a gap or an overlap between two takes"
                    position = taken.end
                assert inbox.position == position

    asyncio.run(run())


@st.composite
def fetches(draw: st.DrawFn) -> list[tuple[str, int]]:
    """What happens between a consumer and the inbox: cut, deliver, a seek of Faust's own, time passing."""
    kinds = st.sampled_from(["cut", "cut", "deliver", "deliver", "faust seeks", "wait", "append"])
    return draw(st.lists(st.tuples(kinds, st.integers(1, 9)), max_size=40))


class Consumer:
    """A log and its fetch position. Sets lie on their way for a while, as they do between threads."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.position = 0
        self.on_the_way: list[RecordSet] = []
        self.inbox = Inbox(IN, 0, self.seek, 1_000)

    async def seek(self, _tp: TP, position: int) -> None:
        self.position = position

    def cut(self, most: int) -> None:
        end = min(self.length, self.position + most)
        if end > self.position:
            self.on_the_way.append(record_set(self.position, end))
            self.position = end

    async def deliver(self, most: int) -> None:
        for one in self.on_the_way[:most]:
            await self.inbox.offer(one)
        del self.on_the_way[:most]

    async def do(self, what: str, number: int, clock: Clock) -> None:
        if what == "cut":
            self.cut(number)
        elif what == "deliver":
            await self.deliver(number)
        elif what == "faust seeks":
            self.position = min(number, self.length)
        elif what == "append":
            self.length += number
        else:
            clock.now += number / 9

    async def settle(self) -> None:
        """Everything there is, is fetched and delivered."""
        while self.on_the_way or self.position < self.length:
            self.cut(1_000)
            await self.deliver(1)


@quick
@given(fetches())
def test_with_more_data_coming_everything_arrives_whatever_was_sought(
    happenings: list[tuple[str, int]],
) -> None:
    async def run() -> None:
        with standing_clock() as clock:
            consumer = Consumer(10)
            for what, number in happenings:
                await consumer.do(what, number, clock)
            for _ in range(3):  # the log goes on, slowly
                clock.now += 2 * SEEK_AGAIN_SECONDS
                consumer.length += 1
                await consumer.settle()
            taken = await everything(consumer.inbox)
            assert offsets_of(taken) == list(range(consumer.length)), "nothing lost, nothing twice"

    asyncio.run(run())


async def test_a_set_discarded_soon_after_a_seek_is_fetched_again_without_more_data() -> None:
    with standing_clock() as clock:
        consumer = Consumer(20)
        consumer.cut(10)  # [0, 10)
        consumer.position = 0  # Faust seeks to the committed offset
        consumer.cut(10)  # [0, 10) again
        consumer.cut(10)  # [10, 20)
        await consumer.deliver(2)  # the second is discarded, and the consumer is sent to 10
        await consumer.deliver(1)  # [10, 20) was already on its way: taken in
        consumer.length = 25
        consumer.cut(1_000)  # [10, 25): overlaps, is discarded, too soon for another seek
        await consumer.deliver(1)
        clock.now += 10 * SEEK_AGAIN_SECONDS
        await consumer.inbox.take(1_000, 0)
        await consumer.inbox.take(1_000, 0)  # the pipeline idles
        await consumer.settle()
        assert consumer.inbox.end == 25, "five records lie in the log, and nobody will ever fetch them"


# --- seeks ---


@pytest.mark.parametrize(("start", "end"), [(0, 10), (5, 15), (21, 30), (10, 20)])
async def test_a_set_that_does_not_follow_is_discarded_and_the_consumer_sent_to_where_the_next_begins(
    start: int, end: int
) -> None:
    seek = Seeks()
    inbox = inbox_at(10, seek)
    await inbox.offer(record_set(10, 20))
    await inbox.offer(record_set(start, end))
    assert seek.asked == [(IN, 20)], "sent to the end of what has arrived, not to what has been applied"
    assert inbox.skipped == end - start
    assert offsets_of(await everything(inbox)) == list(range(10, 20))


async def test_not_every_stale_set_is_answered_with_a_seek() -> None:
    seek = Seeks()
    with standing_clock() as clock:
        inbox = inbox_at(100, seek)
        for start in range(10):
            await inbox.offer(record_set(start, start + 1))
        assert seek.asked == [(IN, 100)], "those fetched before the seek still arrive for a moment"
        clock.now += SEEK_AGAIN_SECONDS + 0.01
        await inbox.offer(record_set(10, 11))
        assert seek.asked == [(IN, 100)] * 2, "later it is asked for again: the first may have been overtaken"
    assert inbox.skipped == 11


async def test_a_set_that_follows_asks_for_no_seek() -> None:
    seek = Seeks()
    inbox = inbox_at(0, seek)
    await inbox.offer(record_set(0, 3))
    await inbox.offer(record_set(3, 4, []))
    await inbox.offer(record_set(4, 5))
    assert (seek.asked, inbox.skipped) == ([], 0)


async def test_a_position_that_is_never_delivered_is_a_gap_in_the_log() -> None:
    with standing_clock() as clock:
        inbox = inbox_at(10, Seeks())
        for _ in range(SEEKS):
            clock.now += 2 * SEEK_AGAIN_SECONDS
            await inbox.offer(record_set(15, 16))
        clock.now += 2 * SEEK_AGAIN_SECONDS
        with pytest.raises(LogGapError, match=r"in-0: position 10 is never delivered, the log goes on at 15"):
            await inbox.offer(record_set(15, 16))


async def test_a_set_that_follows_at_last_forgets_the_seeks_before_it() -> None:
    with standing_clock() as clock:
        inbox = inbox_at(0, Seeks())
        for position in range(2 * SEEKS):
            clock.now += 2 * SEEK_AGAIN_SECONDS
            await inbox.offer(record_set(99, 100))
            await inbox.offer(record_set(position, position + 1))
        assert inbox.end == 2 * SEEKS


# --- bytes ---


async def test_it_is_full_at_its_bytes_and_no_longer_once_they_are_taken() -> None:
    inbox = inbox_at(0, Seeks(), max_bytes=5 * ONE)
    await inbox.offer(record_set(0, 4))
    assert not inbox.is_full, "room for one more"
    await inbox.offer(record_set(4, 6))
    assert inbox.is_full, "one too many"
    await inbox.take(4, 0)
    assert not inbox.is_full, "room again"


async def test_what_is_discarded_takes_no_room() -> None:
    inbox = inbox_at(0, Seeks(), max_bytes=5)
    await inbox.offer(record_set(50, 60))
    assert not inbox.is_full


# --- taking ---


async def test_what_waits_is_taken_together() -> None:
    inbox = inbox_at(0, Seeks())
    for start, end in ((0, 2), (2, 3), (3, 7)):
        await inbox.offer(record_set(start, end))
    taken = await inbox.take(100, 0)
    assert taken is not None
    assert (taken.tp, taken.start, taken.end, taken.size) == (IN, 0, 7, 7 * ONE)
    assert offsets_of([taken]) == list(range(7))


async def test_a_take_never_holds_more_than_asked_for() -> None:
    inbox = inbox_at(0, Seeks())
    for start, end in ((0, 9), (9, 11), (11, 14), (14, 15)):
        await inbox.offer(record_set(start, end))
    spans = [(one.start, one.end) for one in await everything(inbox, max_records=5)]
    assert spans == [(0, 5), (5, 10), (10, 15)], "and as much as there is"


async def test_an_empty_set_merges_and_moves_the_position() -> None:
    inbox = inbox_at(0, Seeks())
    await inbox.offer(record_set(0, 1))
    await inbox.offer(record_set(1, 2, []))
    taken = await inbox.take(1, 0)
    assert taken is not None
    assert (taken.end, offsets_of([taken]), inbox.position) == (2, [0], 2)


async def test_a_take_of_nothing_ends_with_its_timeout() -> None:
    loop = asyncio.get_running_loop()
    inbox, began = inbox_at(0, Seeks()), loop.time()
    assert await inbox.take(10, 0.05) is None
    assert 0.04 < loop.time() - began < 1.0


async def test_a_take_waits_for_the_set_that_comes() -> None:
    inbox = inbox_at(0, Seeks())
    waiting = asyncio.create_task(inbox.take(10, 5.0))
    await asyncio.sleep(0)
    await inbox.offer(record_set(0, 2))
    async with asyncio.timeout(1):
        taken = await waiting
    assert taken is not None
    assert taken.end == 2


async def test_after_a_take_of_everything_the_next_waits_again() -> None:
    inbox = inbox_at(0, Seeks())
    await inbox.offer(record_set(0, 2))
    await inbox.take(10, 0)
    assert await inbox.take(10, 0.01) is None, "the news of the first set is not news any more"


async def test_an_idle_log_that_delivered_a_stale_set_has_no_gap() -> None:
    """A set from before the start arrives late, then nothing: one seek, and no alarm however long it is idle."""
    seek = Seeks()
    inbox = inbox_at(10, seek)
    with mock.patch("agents.recordset.inbox.SEEK_AGAIN_SECONDS", 0.0):
        await inbox.offer(record_set(7, 10))
        for _ in range(50):
            assert await inbox.take(100, 0) is None
        await inbox.offer(record_set(10, 12))
    taken = await inbox.take(100, 0)
    assert taken is not None
    assert (taken.start, taken.end) == (10, 12)


async def test_a_set_larger_than_a_transaction_may_be_is_taken_in_parts() -> None:
    inbox = inbox_at(0, Seeks(), max_bytes=10 * ONE)
    await inbox.offer(record_set(0, 9, offsets=[0, 1, 4, 5, 6]))
    taken = [one for _ in range(3) if (one := await inbox.take(2, 0)) is not None]
    assert [(one.start, one.end) for one in taken] == [(0, 4), (4, 6), (6, 9)], (
        "the positions of a part enclose it"
    )
    assert offsets_of(taken) == [0, 1, 4, 5, 6]
    assert await inbox.take(2, 0) is None
    assert sum(one.size for one in taken) == 5 * ONE
