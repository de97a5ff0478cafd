"""The id of a topic tells it from one recreated under the same name."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code

from agents.log.topic_id import topic_id
from agents.log.topics import admin
from agents.settings import Settings

pytestmark = [pytest.mark.broker, pytest.mark.timeout(60)]


async def _recreate(client: AIOKafkaAdminClient, name: str) -> None:
    await client.delete_topics([name])
    for _ in range(100):  # the name is free again a moment later
        answer = await client.create_topics([NewTopic(name, 1, 1)])
        if not answer.topic_errors[0][1]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"cannot create {name} again: {for_code(answer.topic_errors[0][1])}")


async def _known(client: AIOKafkaAdminClient, name: str) -> str:
    for _ in range(100):  # the broker hears of a new topic a moment after its controller
        try:
            return await topic_id(client, name)
        except LookupError:
            await asyncio.sleep(0.05)
    raise AssertionError(f"the broker never heard of {name}")


async def test_a_topic_keeps_its_id_and_a_recreated_one_has_another(
    broker_settings: Settings, new_topic: Callable[..., Awaitable[str]]
) -> None:
    name, other = await new_topic(3), await new_topic()
    async with admin(broker_settings) as client:
        first = await _known(client, name)
        assert UUID(first).int, "a real id, not zero"
        assert await topic_id(client, name) == first, "the same each time"
        assert await _known(client, other) != first
        await _recreate(client, name)
        assert await _known(client, name) != first, "a topic recreated under the same name looks the same"


async def test_an_unknown_topic_is_an_error_that_names_it(broker_settings: Settings) -> None:
    async with admin(broker_settings) as client:
        with pytest.raises(LookupError, match="no-such-topic"):
            await topic_id(client, "no-such-topic")
