"""What a service must be allowed to do, asked of the broker before it starts.

Without it a missing right shows late and in odd ways: a topic is not listed, a group never forms, and aiokafka tries
again for ever. Brokers without access rules allow everything.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TransactionalIdAuthorizationFailed,
    for_code,
)
from aiokafka.protocol.group import HeartbeatRequest

from agents.errors import Stop
from agents.log.topic_id import allowed_operations
from agents.log.topics import ACCOUNTS, GROUPS_TABLE, admin, changelog_topic, wanted_topics
from agents.settings import Settings
from schemas import topics
from schemas.groups import GROUPS

_TRANSACTIONS: Final = 1  # the type of coordinator


class Operation(IntEnum):
    """What can be allowed on a topic: Kafka's names and codes."""

    READ = 3
    WRITE = 4
    DESCRIBE = 8
    DESCRIBE_CONFIGS = 10

    @property
    def label(self) -> str:
        """As Kafka's tools write it, e.g. ``DescribeConfigs``."""
        return self.name.title().replace("_", "")


class Needed(NamedTuple):
    """Operations by topic, the consumer group to read in, the transactional ids to write with."""

    topics: Mapping[str, frozenset[Operation]]
    group: str
    transactional_ids: tuple[str, ...]


class MissingRightsError(Stop):
    """The broker does not allow what the service needs; the message names all of it."""


def of_worker(settings: Settings) -> Needed:
    """What a worker needs. Of the transactional ids, one a topic: rights on them are given by their beginning."""
    app_id = settings.app_id
    logs = (topics.JOURNAL, GROUPS)
    tables = tuple(changelog_topic(app_id, table) for table in (ACCOUNTS, GROUPS_TABLE))
    inputs = (*topics.TYPE_TOPICS, *logs)
    outputs = (topics.INTERVENTIONS, topics.FACTS, topics.DEAD_LETTERS)
    return Needed(
        _by_topic(settings, reads=(*inputs, *tables), writes=(*logs, *outputs, *tables)),
        app_id,
        (*(f"{app_id}-{topic}-0" for topic in inputs), f"{app_id}-clock", f"{app_id}-broadcast"),
    )


def of_landing(settings: Settings) -> Needed:
    """What the landing needs."""
    reads = (topics.FACTS, topics.INTERVENTIONS, topics.DEAD_LETTERS)
    return Needed(_by_topic(settings, reads=reads, writes=()), f"{settings.app_id}-landing", ())


async def check_rights(settings: Settings, needed: Needed) -> None:
    """Raise ``MissingRightsError`` if something needed is not allowed, aiokafka's errors if no broker answers."""
    async with admin(settings) as client:
        missing = [
            *await _missing_on_topics(client, needed.topics),
            *await _missing_on_group(client, needed.group),
            *await _missing_on_ids(client, needed.transactional_ids),
        ]
    if missing:
        user = settings.kafka_username or "an anonymous user"
        raise MissingRightsError(
            f"the broker does not allow {user}: {'; '.join(missing)}. Have these rights given (kafka-acls), or name "
            "another user by PAYTIDE_KAFKA_USERNAME"
        )


def _by_topic(
    settings: Settings, *, reads: tuple[str, ...], writes: tuple[str, ...]
) -> dict[str, frozenset[Operation]]:
    # Whoever starts first makes the topics, and everyone checks how they were made.
    needed = {
        name: {Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS} for name in wanted_topics(settings.app_id)
    }
    for operation, names in ((Operation.READ, reads), (Operation.WRITE, writes)):
        for name in names:
            needed[name].add(operation)
    return {name: frozenset(operations) for name, operations in needed.items()}


async def _missing_on_topics(
    client: AIOKafkaAdminClient, needed: Mapping[str, frozenset[Operation]]
) -> list[str]:
    allowed = await allowed_operations(client, needed)
    lacking: dict[str, list[str]] = {}
    for name, operations in needed.items():
        missing = ", ".join(one.label for one in sorted(operations) if not allowed[name] >> one & 1)
        lacking.setdefault(missing, []).append(name)
    return [f"{missing} on {_named('topic', names)}" for missing, names in lacking.items() if missing]


async def _missing_on_group(client: AIOKafkaAdminClient, group: str) -> list[str]:
    try:
        node = await client.find_coordinator(group)
        # There is no such member, which a broker tells only those who may read in the group.
        answer = await client._send_request(HeartbeatRequest(group, -1, "nobody"), node)
        is_allowed = for_code(answer.error_code) is not GroupAuthorizationFailedError
    except GroupAuthorizationFailedError:
        is_allowed = False
    except KafkaError:
        return []  # the coordinator is being made, or moves: it will tell when the group forms
    return [] if is_allowed else [f"Read on consumer group {group}"]


async def _missing_on_ids(client: AIOKafkaAdminClient, transactional_ids: tuple[str, ...]) -> list[str]:
    missing = []
    for one in transactional_ids:
        try:
            await client.find_coordinator(one, _TRANSACTIONS)
        except TransactionalIdAuthorizationFailed:
            missing.append(one)
        except KafkaError:
            break  # as above: it will tell when the id is initialised
    return [f"Describe, Write on {_named('transactional id', missing)}"] if missing else []


def _named(kind: str, names: list[str]) -> str:
    return f"{kind}{'s' * (len(names) > 1)} {', '.join(names)}"
