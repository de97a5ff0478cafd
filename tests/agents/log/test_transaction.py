"""Transactions on a real broker: all or nothing, and one owner of an id (X1)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.errors import ProducerFenced

from agents.embedded.kafka import EmbeddedKafka
from agents.log.offsets import LogReader, committed
from agents.log.producer import BATCH_BYTES
from agents.log.records import TP
from agents.log.topics import admin
from agents.log.transaction import Transactor, Write
from agents.settings import Settings
from tests.conftest import settled_ends

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]

NewTopic = Callable[..., Awaitable[str]]


@asynccontextmanager
async def transactor(settings: Settings, name: str = "t") -> AsyncIterator[Transactor]:
    made = Transactor(f"{settings.app_id}-{name}", 60_000, **settings.kafka_client())
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def read(settings: Settings, tp: TP) -> list[Any]:
    """What a committed reader sees, once every transaction is marked as committed or aborted."""
    end = (await settled_ends(settings, [tp]))[tp]
    async with LogReader(settings) as log:
        return [record async for cut in log.read(tp, 0, end) for record in cut.records]


async def values(settings: Settings, tp: TP) -> list[bytes | None]:
    return [record.value for record in await read(settings, tp)]


async def ends(settings: Settings, tp: TP, isolation_level: str = "read_committed") -> int:
    """Where the log ends now, for readers of a kind."""
    async with LogReader(settings, isolation_level=isolation_level) as log:
        return (await log.ends([tp]))[tp]


async def position(settings: Settings, tp: TP) -> int | None:
    """The group's input position now."""
    async with admin(settings) as client:
        return (await committed(client, settings.app_id, [tp])).get(tp)


async def assert_position_becomes(settings: Settings, tp: TP, expected: int) -> None:
    for _ in range(100):
        if (found := await position(settings, tp)) == expected:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"the input position is {found}, not {expected}")


async def test_outputs_and_the_input_position_are_committed_together(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    source, one, two = TP(await new_topic(), 0), TP(await new_topic(), 0), TP(await new_topic(2), 1)
    async with transactor(broker_settings) as ours:
        writes = {one: [Write(b"k", b"1"), Write(b"k", b"2")], two: [Write(None, b"3", (("h", b"x"),))]}
        written = await ours.commit(writes, source, 42, broker_settings.app_id)
    assert written == {one: 1, two: 0}
    assert await values(broker_settings, one) == [b"1", b"2"]
    [record] = await read(broker_settings, two)
    assert (record.key, record.value, list(record.headers)) == (None, b"3", [("h", b"x")])
    await assert_position_becomes(broker_settings, source, 42)


async def test_of_a_transaction_that_is_not_committed_a_committed_reader_sees_nothing(
    broker_settings: Settings, new_topic: NewTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, one, two = TP(await new_topic(), 0), TP(await new_topic(), 0), TP(await new_topic(), 0)

    async def killed() -> None:
        raise ConnectionResetError("killed between the writes and the commit")

    async with transactor(broker_settings) as ours:
        monkeypatch.setattr(ours._producer, "commit_transaction", killed)
        with pytest.raises(ConnectionResetError):
            await ours.commit(
                {one: [Write(b"k", b"1")], two: [Write(b"k", b"2")]}, source, 42, broker_settings.app_id
            )
        for tp in (one, two):
            assert await ends(broker_settings, tp, "read_uncommitted") == 1, "it was written"
            assert await ends(broker_settings, tp) == 0, "and ends before it for a committed reader"
        assert await position(broker_settings, source) is None, "nor has the input position moved"


async def test_what_a_dead_owner_left_open_is_aborted_when_the_next_one_starts(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    source, out = TP(await new_topic(), 0), TP(await new_topic(), 0)
    async with transactor(broker_settings) as dead:
        await dead._producer.begin_transaction()
        await dead._producer.send_and_wait(out.topic, b"half", partition=0)
        async with LogReader(broker_settings) as log:
            assert await log.ends([out]) == {out: 0}, "a committed reader waits before the open transaction"
            async with transactor(broker_settings) as heir:
                assert await log.ends([out]) == {out: 2}, (
                    "the record and the mark of its abortion, without a time-out"
                )
                await heir.commit({out: [Write(b"k", b"whole")]}, source, 1, broker_settings.app_id)
    assert await values(broker_settings, out) == [b"whole"]


async def test_the_second_transactor_of_an_id_fences_the_first(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    source, out = TP(await new_topic(), 0), TP(await new_topic(), 0)
    async with transactor(broker_settings) as first:
        await first.commit({out: [Write(b"k", b"before")]}, source, 1, broker_settings.app_id)
        async with transactor(broker_settings) as second:
            with pytest.raises(ProducerFenced):
                await asyncio.wait_for(
                    first.commit({out: [Write(b"k", b"after")]}, source, 2, broker_settings.app_id), 20
                )
            await second.commit({out: [Write(b"k", b"new")]}, source, 3, broker_settings.app_id)
    assert await values(broker_settings, out) == [b"before", b"new"]
    await assert_position_becomes(broker_settings, source, 3)


async def test_a_first_that_only_commits_a_position_is_fenced_too(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    source = TP(await new_topic(), 0)
    async with transactor(broker_settings) as first, transactor(broker_settings):
        with pytest.raises(ProducerFenced):
            await asyncio.wait_for(first.commit({}, source, 2, broker_settings.app_id), 20)
    assert await position(broker_settings, source) is None


async def test_transactors_of_different_ids_do_not_disturb_each_other(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    out = TP(await new_topic(), 0)
    async with transactor(broker_settings, "a") as a, transactor(broker_settings, "b") as b:
        await a.commit({out: [Write(None, b"1")]})
        await b.commit({out: [Write(None, b"2")]})
        await a.commit({out: [Write(None, b"3")]})
    assert await values(broker_settings, out) == [b"1", b"2", b"3"]


async def test_many_records_are_split_into_batches_and_keep_their_order(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    out, other = TP(await new_topic(), 0), TP(await new_topic(), 0)
    numbered = [b"%04d" % number + bytes(9_996) for number in range(250)]
    assert sum(map(len, numbered)) > 2 * BATCH_BYTES, "three batches at least"
    async with transactor(broker_settings) as ours:
        writes = {out: [Write(b"k", value) for value in numbered], other: [Write(b"k", b"x")]}
        first = await ours.commit(writes)
        second = await ours.commit(writes)
    found = await read(broker_settings, out)
    assert [record.value for record in found] == numbered * 2, "in order, over the batches"
    assert first[out] == found[249].offset, "the offset of the last record of the last batch"
    assert second[out] == found[-1].offset == first[out] + 1 + 250, "one control record lies in between"
    assert (first[other], second[other]) == (0, 2)


async def test_a_record_larger_than_a_batch_is_a_batch_of_its_own(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    out = TP(await new_topic(), 0)
    large = bytes(BATCH_BYTES + 50_000)
    async with transactor(broker_settings) as ours:
        written = await ours.commit({out: [Write(b"k", b"1"), Write(b"k", large), Write(b"k", b"3")]})
    assert written == {out: 2}
    assert await values(broker_settings, out) == [b"1", large, b"3"]


async def test_a_tombstone_is_a_record_without_a_value(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    out = TP(await new_topic(), 0)
    async with transactor(broker_settings) as ours:
        assert await ours.commit({out: [Write(b"k", b"v"), Write(b"k", None)]}) == {out: 1}
    assert [(record.key, record.value) for record in await read(broker_settings, out)] == [
        (b"k", b"v"),
        (b"k", None),
    ]


async def test_a_partition_with_nothing_to_write_is_left_out(
    broker_settings: Settings, new_topic: NewTopic
) -> None:
    source, one, two = TP(await new_topic(), 0), TP(await new_topic(), 0), TP(await new_topic(), 0)
    async with transactor(broker_settings) as ours:
        assert await ours.commit(
            {one: [], two: iter([Write(b"k", b"v")])}, source, 9, broker_settings.app_id
        ) == {two: 0}
        assert await ours.commit({}, source, 10, broker_settings.app_id) == {}
    await assert_position_becomes(broker_settings, source, 10)


CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


@pytest.mark.parametrize("codec", CODECS)
async def test_a_topic_is_written_with_its_codec_and_any_other_with_none(
    broker: EmbeddedKafka, broker_settings: Settings, new_topic: NewTopic, codec: str
) -> None:
    out, plain = TP(await new_topic(), 0), TP(await new_topic(), 0)
    value = b"the same again and again " * 2_000
    client = broker_settings.kafka_client()
    made = Transactor(f"{broker_settings.app_id}-t", 60_000, {out.topic: codec}, **client)
    try:
        await made.start()
        await made.commit({out: [Write(b"k", value), Write(b"k", None)], plain: [Write(b"k", value)]})
    finally:
        await made.stop()
    assert await values(broker_settings, out) == [value, None]
    assert await values(broker_settings, plain) == [value]
    sizes = [stored(broker, tp) for tp in (out, plain)]
    assert (sizes[0] < sizes[1] / 10) == (codec != "none"), f"{sizes} bytes on the disk"


def stored(broker: EmbeddedKafka, tp: TP) -> int:
    """What a partition takes on the broker's disk, bytes."""
    return sum(
        file.stat().st_size for file in (broker.data_dir / "logs").glob(f"{tp.topic}-{tp.partition}/*.log")
    )
