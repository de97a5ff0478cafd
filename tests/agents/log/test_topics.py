"""The topics: made as they must be, and refused where they are not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import InvalidReplicationFactorError

from agents.log.topics import (
    ACCOUNTS,
    GROUPS_TABLE,
    TopicMismatchError,
    admin,
    changelog_topic,
    ensure_topics,
    partition_counts,
    wanted_topics,
)
from agents.settings import Settings
from schemas import topics
from schemas.groups import GROUPS
from tests.conftest import make_topics


async def configs(settings: Settings, names: list[str]) -> dict[str, dict[str, str]]:
    """Topic → its configuration as the broker has it."""
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    async with admin(settings) as client:
        answers = await client.describe_configs(resources)
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for _code, _message, _kind, name, entries in answer.resources
    }


async def counts(settings: Settings, names: list[str]) -> dict[str, int]:
    async with admin(settings) as client:
        return partition_counts(await client.describe_topics(names))


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_every_topic_is_made_with_its_partitions_and_its_settings(broker_settings: Settings) -> None:
    await make_topics(broker_settings)
    wanted = wanted_topics(broker_settings.app_id)
    assert {
        topics.JOURNAL,
        GROUPS,
        topics.FACTS,
        topics.INTERVENTIONS,
        topics.DEAD_LETTERS,
        *topics.TYPE_TOPICS,
    } < set(wanted)
    assert await counts(broker_settings, list(wanted)) == dict.fromkeys(wanted, 4)
    found = await configs(broker_settings, list(wanted))
    for name, config in wanted.items():
        assert found[name].items() >= config.items(), f"{name} was made otherwise"


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_every_topic_has_the_brokers_time_and_the_changelogs_are_compacted(
    broker_settings: Settings,
) -> None:
    await make_topics(broker_settings)
    changelogs = {changelog_topic(broker_settings.app_id, table) for table in (ACCOUNTS, GROUPS_TABLE)}
    found = await configs(broker_settings, list(wanted_topics(broker_settings.app_id)))
    assert {config["message.timestamp.type"] for config in found.values()} == {"LogAppendTime"}
    assert {name for name, config in found.items() if config["cleanup.policy"] == "compact"} == changelogs
    sizes = {name: int(config["max.message.bytes"]) for name, config in found.items()}
    assert sizes[topics.DEAD_LETTERS] == 2 * sizes[topics.JOURNAL], (
        "the largest record that can be refused fits"
    )


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_what_exists_is_left_as_it_is(broker_settings: Settings) -> None:
    await make_topics(broker_settings)
    before = await configs(broker_settings, list(wanted_topics(broker_settings.app_id)))
    await ensure_topics(broker_settings.model_copy(update={"partitions": 3}))
    assert await counts(broker_settings, [topics.JOURNAL]) == {topics.JOURNAL: 4}
    assert await configs(broker_settings, list(before)) == before


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_a_changelog_with_another_number_of_partitions_is_an_error_that_says_what_to_do(
    broker_settings: Settings,
) -> None:
    await make_topics(broker_settings)
    another = broker_settings.model_copy(update={"app_id": f"test-{uuid4().hex[:8]}", "partitions": 3})
    with pytest.raises(TopicMismatchError) as raised:
        await make_topics(another)
    message = str(raised.value)
    assert f"'{changelog_topic(another.app_id)}': 3" in message
    assert f"'{topics.JOURNAL}': 4" in message
    assert "PAYTIDE_PARTITIONS" in message


@pytest.mark.broker
@pytest.mark.timeout(60)
@pytest.mark.parametrize("which", ["JOURNAL", "FACTS", "DEAD_LETTERS"])
async def test_a_topic_with_the_producers_time_is_an_error_that_says_what_to_do(
    broker_settings: Settings, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    await make_topics(broker_settings)
    name = f"test-{uuid4().hex[:8]}"
    async with admin(broker_settings) as client:
        await client.create_topics([NewTopic(name, 4, 1)])
    monkeypatch.setattr(topics, which, name)
    with pytest.raises(
        TopicMismatchError, match=rf"^{name}: .*--add-config message\.timestamp\.type=LogAppendTime"
    ):
        await ensure_topics(broker_settings)


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_every_type_topic_with_the_producers_time_is_named(
    broker_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_topics(broker_settings)
    names = sorted(f"test-{uuid4().hex[:8]}" for _ in range(2))
    async with admin(broker_settings) as client:
        await client.create_topics([NewTopic(name, 2, 1) for name in names])
    monkeypatch.setattr(topics, "TYPE_TOPICS", dict.fromkeys(names, "transfer"))
    with pytest.raises(TopicMismatchError, match=f"^{', '.join(names)}: "):
        await ensure_topics(broker_settings)


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_a_topic_that_cannot_be_made_is_an_error_that_names_it(broker_settings: Settings) -> None:
    many = broker_settings.model_copy(update={"app_id": f"test-{uuid4().hex[:8]}", "replication_factor": 3})
    await make_topics(broker_settings)
    with pytest.raises(InvalidReplicationFactorError, match=changelog_topic(many.app_id)):
        await ensure_topics(many)


def test_a_topic_the_broker_does_not_know_has_no_count() -> None:
    described: list[dict[str, Any]] = [
        {"topic": "a", "error_code": 0, "partitions": [{}, {}]},
        {"topic": "b", "error_code": 3, "partitions": []},
    ]
    assert partition_counts(described) == {"a": 2}


class SlowBroker:
    """An admin client of a broker that hears of new topics only after some questions."""

    def __init__(self, unknown_for: int) -> None:
        self._unknown_for = unknown_for
        self._made: list[str] = []

    async def list_topics(self) -> list[str]:
        return []

    async def create_topics(self, new: list[NewTopic]) -> SimpleNamespace:
        self._made += [topic.name for topic in new]
        return SimpleNamespace(topic_errors=[(topic.name, 0, None) for topic in new])

    async def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        self._unknown_for -= 1
        known = set(self._made) if self._unknown_for < 0 else set(self._made[:-1])
        return [
            {
                "topic": name,
                "error_code": 0 if name in known else 3,
                "partitions": [{}] * 4 if name in known else [],
            }
            for name in names
        ]

    async def describe_configs(self, resources: list[ConfigResource]) -> list[SimpleNamespace]:
        entries = [("message.timestamp.type", "LogAppendTime", False, 1, False, [])]
        return [SimpleNamespace(resources=[(0, None, 2, one.name, entries) for one in resources])]


async def test_a_topic_the_broker_does_not_know_at_once_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = SlowBroker(unknown_for=2)

    @asynccontextmanager
    async def slow(_settings: Settings) -> AsyncIterator[SlowBroker]:
        yield client

    monkeypatch.setattr("agents.log.topics.admin", slow)
    await ensure_topics(Settings(_env_file=None))
