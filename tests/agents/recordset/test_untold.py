"""No exception of a failed transaction is left to the collector, which logs it as a traceback at any moment."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiokafka.errors import ProducerFenced

from agents.log.records import TP
from agents.log.transaction import Write
from agents.settings import Settings
from tests.agents.log.test_transaction import transactor
from tests.agents.recordset.builders import until

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]

NewTopic = Callable[..., Awaitable[str]]


@pytest.fixture
async def untold() -> AsyncIterator[list[str]]:
    """What the loop logs of futures and tasks whose exception nobody has retrieved."""
    told: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: told.append(f"{context['message']}: {context}"))
    yield told
    loop.set_exception_handler(None)


async def assert_nothing_is_left_untold(untold: list[str]) -> None:
    await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0)
    assert untold == [], "a log full of tracebacks hides the one that counts"


async def fence_in_the_middle(settings: Settings, source: TP, out: TP, other: TP) -> None:
    writes = {out: [Write(b"k", bytes(100_000))] * 30, other: [Write(b"k", b"x")]}
    async with transactor(settings) as first:
        await first.commit(writes, source, 1, settings.app_id)
        async with transactor(settings):
            with pytest.raises(ProducerFenced):
                await asyncio.wait_for(first.commit(writes, source, 2, settings.app_id), 20)


async def test_a_fenced_transaction_leaves_no_exception_that_nobody_retrieves(
    broker_settings: Settings, new_topic: NewTopic, untold: list[str]
) -> None:
    tps = [TP(await new_topic(), 0) for _ in range(3)]
    await fence_in_the_middle(broker_settings, *tps)
    await assert_nothing_is_left_untold(untold)


async def refuse_the_position(settings: Settings, source: TP, out: TP) -> None:
    async with transactor(settings) as ours:
        producer = ours._producer

        async def refused(*_: Any) -> None:
            producer._message_accumulator.fail_all(ProducerFenced())
            raise ProducerFenced

        producer.send_offsets_to_transaction = refused
        with pytest.raises(ProducerFenced):
            await ours.commit({out: [Write(b"k", b"1")]}, source, 2, settings.app_id)


async def test_a_transaction_whose_position_is_refused_leaves_none_either(
    broker_settings: Settings, new_topic: NewTopic, untold: list[str]
) -> None:
    await refuse_the_position(broker_settings, TP(await new_topic(), 0), TP(await new_topic(), 0))
    await assert_nothing_is_left_untold(untold)


async def cancel_and_fail(settings: Settings, out: TP) -> None:
    async with transactor(settings) as ours:
        await ours.commit({out: [Write(b"k", b"1")]})
        committing = asyncio.create_task(ours.commit({out: [Write(b"k", b"2")]}))
        await until(ours._producer._txn_manager.is_in_transaction, "no transaction begins")
        committing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await committing
        ours._producer._txn_manager.fatal_error(ProducerFenced())
        ours._producer._message_accumulator.fail_all(ProducerFenced())


async def test_a_transaction_that_is_cancelled_and_fails_then_leaves_none_either(
    broker_settings: Settings, new_topic: NewTopic, untold: list[str]
) -> None:
    await cancel_and_fail(broker_settings, TP(await new_topic(), 0))
    await assert_nothing_is_left_untold(untold)
