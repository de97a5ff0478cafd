"""Whether anybody is in a consumer group."""

import asyncio
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    CoordinatorLoadInProgressError,
    GroupCoordinatorNotAvailableError,
    NotCoordinatorForGroupError,
)

POLL_SECONDS: Final = 0.25


async def has_members(client: AIOKafkaAdminClient, group: str, seconds: float) -> bool:
    """Whether a group has members, or gets some within so many seconds."""
    for _ in range(int(seconds / POLL_SECONDS)):
        if await _count(client, group):
            return True
        await asyncio.sleep(POLL_SECONDS)
    return await _count(client, group) > 0


async def _count(client: AIOKafkaAdminClient, group: str) -> int:
    try:
        answers = await client.describe_consumer_groups([group])
    except (
        CoordinatorLoadInProgressError,
        GroupCoordinatorNotAvailableError,
        NotCoordinatorForGroupError,
    ):
        return 0  # of a new cluster, or on its way to another broker
    return sum(len(described[5]) for answer in answers for described in answer.groups)
