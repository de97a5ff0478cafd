"""The topics: made if they are not there, checked if they are (J6, docs/operations.md#topics)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from agents.errors import Stop
from agents.settings import Settings
from schemas import topics
from schemas.groups import GROUPS, MOST_PARTITIONS

VALUE_BYTES: Final = 1_048_588
"""Kafka's usual limit; more than a valid value, so that too large ones can be refused with a reason."""

TIMESTAMPS: Final = "message.timestamp.type"
BROKERS_TIME: Final = {TIMESTAMPS: "LogAppendTime"}
"""With CreateTime a producer's clock decides when retention deletes a record, perhaps before it is read, and in the
journal what lies in the future."""

PLAIN_CONFIG: Final = {**BROKERS_TIME, "max.message.bytes": str(VALUE_BYTES)}
JOURNAL_CONFIG: Final = PLAIN_CONFIG
STATE_BYTES: Final = 20 * 1024 * 1024
"""More than any account comes to, however long its ids and however many postings wait (R11)."""
DEAD_LETTER_CONFIG: Final = {**BROKERS_TIME, "max.message.bytes": str(2 * VALUE_BYTES)}
CHANGELOG_CONFIG: Final = {
    **BROKERS_TIME,
    "cleanup.policy": "compact",
    # Small segments and a low ratio: the active segment is never compacted, and lag behind a full
    # one is what recovery has to read.
    "segment.bytes": str(64 * 1024 * 1024),
    "min.cleanable.dirty.ratio": "0.1",
    "max.message.bytes": str(STATE_BYTES),
}

ACCOUNTS: Final = "accounts"
"""The table of the journal's accounts."""
GROUPS_TABLE: Final = "groups"
"""The table of what accounts share."""

KNOWN_TRIES: Final = 100
KNOWN_WAIT_SECONDS: Final = 0.1


class TopicMismatchError(Stop):
    """A topic exists in a form the service cannot run with."""


def changelog_topic(app_id: str, table: str = ACCOUNTS) -> str:
    """The changelog of a table."""
    return f"{app_id}-{table}-changelog"


def wanted_topics(app_id: str) -> dict[str, dict[str, str]]:
    """Every topic the service reads or writes, with its configuration."""
    return {
        topics.JOURNAL: JOURNAL_CONFIG,
        GROUPS: JOURNAL_CONFIG,
        **dict.fromkeys(topics.TYPE_TOPICS, PLAIN_CONFIG),
        topics.INTERVENTIONS: PLAIN_CONFIG,
        topics.FACTS: PLAIN_CONFIG,
        topics.DEAD_LETTERS: DEAD_LETTER_CONFIG,
        **{changelog_topic(app_id, table): CHANGELOG_CONFIG for table in (ACCOUNTS, GROUPS_TABLE)},
    }


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A started admin client."""
    client = AIOKafkaAdminClient(**settings.kafka_client())
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def ensure_topics(settings: Settings) -> None:
    """Create what is missing; raise ``TopicMismatchError`` where partition counts differ, or a topic takes its
    timestamps from producers."""
    async with admin(settings) as client:
        wanted = wanted_topics(settings.app_id)
        existing = set(await client.list_topics())
        missing = [
            NewTopic(name, settings.partitions, settings.replication_factor, topic_configs=config)
            for name, config in wanted.items()
            if name not in existing
        ]
        if missing:
            _raise_for(await client.create_topics(missing))
        counts = await _known_counts(client, list(wanted))
        await _check_timestamps(client, list(wanted))
    if counts.get(topics.JOURNAL, 0) > MOST_PARTITIONS:
        raise TopicMismatchError(
            f"{topics.JOURNAL} has {counts[topics.JOURNAL]} partitions, the groups log can hear of {MOST_PARTITIONS} at "
            "most: replay it into a journal with fewer"
        )
    co_partitioned = {name: counts.get(name) for name in wanted if name not in topics.TYPE_TOPICS}
    if len(set(co_partitioned.values())) > 1:
        raise TopicMismatchError(
            f"these topics must have the same number of partitions: {co_partitioned}. Create them anew, or set "
            "PAYTIDE_PARTITIONS to the journal's number before the first start"
        )


async def _known_counts(client: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    # A topic just made is not known at once.
    counts: dict[str, int] = {}
    for _ in range(KNOWN_TRIES):
        counts = partition_counts(await client.describe_topics(names))
        if len(counts) == len(names):
            break
        await asyncio.sleep(KNOWN_WAIT_SECONDS)
    return counts


async def _check_timestamps(client: AIOKafkaAdminClient, names: list[str]) -> None:
    wrong = [
        name for name, found in (await _timestamp_types(client, names)).items() if found != "LogAppendTime"
    ]
    if wrong:
        raise TopicMismatchError(
            f"{', '.join(sorted(wrong))}: {TIMESTAMPS} is not LogAppendTime, so a producer's clock would decide what "
            f"is deleted unread. Set it on each: kafka-configs.sh --alter --entity-type topics --entity-name TOPIC "
            f"--add-config {TIMESTAMPS}=LogAppendTime"
        )


async def _timestamp_types(client: AIOKafkaAdminClient, names: list[str]) -> dict[str, str | None]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    return {
        name: {entry[0]: entry[1] for entry in entries}.get(TIMESTAMPS)
        for response in await client.describe_configs(resources)
        for _code, _message, _kind, name, entries in response.resources
    }


def partition_counts(described: list[dict[str, Any]]) -> dict[str, int]:
    """Topic → number of partitions."""
    return {topic["topic"]: len(topic["partitions"]) for topic in described if not topic["error_code"]}


def _raise_for(response: Any) -> None:
    for name, code, *_ in response.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(f"creating topic {name} failed")
