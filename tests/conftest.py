"""What tests of several folders share: one real broker a session, started by the first test that asks."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from hypothesis import HealthCheck, settings

from agents.embedded.class_archive import quicken
from agents.embedded.jars import EmbeddedUnavailable
from agents.embedded.kafka import EmbeddedKafka
from agents.log.offsets import LogReader
from agents.log.records import TP
from agents.log.topics import TopicMismatchError, ensure_topics
from agents.settings import Settings
from tests.secure import SecureKafka

# How long an example takes is not what is tested: a busy machine is no failure.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_sessionstart() -> None:
    """Refuse to test compiled code that is not what the source says."""
    root = Path(__file__).parents[1]
    for package in ("schemas", "streams"):
        for source in (root / package).rglob("*.py"):
            compiled = source.with_suffix(EXTENSION_SUFFIXES[0])
            if compiled.exists() and compiled.stat().st_mtime < source.stat().st_mtime:
                pytest.exit(f"{compiled.name} is older than its source: run 'make setup'", returncode=4)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Some thirty brokers are started: have each be up in half the time."""
    if not session.config.option.collectonly and any(
        one.get_closest_marker("broker") for one in session.items
    ):
        try:
            quicken()
        except EmbeddedUnavailable as error:
            pytest.exit(str(error), returncode=4)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A running broker; tests share it, so they make topics and ids of their own."""
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as kafka:
        yield kafka


@pytest.fixture(scope="session")
def secure_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """A running broker with logins, TLS and access rules."""
    with SecureKafka(tmp_path_factory.mktemp("secure")) as kafka:
        yield kafka


@pytest.fixture
def broker_settings(broker: EmbeddedKafka) -> Settings:
    """Settings for the broker, with an app_id that no other test has."""
    return Settings(_env_file=None, app_id=f"test-{uuid4().hex[:8]}", kafka_bootstrap=broker.bootstrap)


@pytest.fixture
def new_topic(broker: EmbeddedKafka) -> Callable[..., Awaitable[str]]:
    """Makes a topic that no other test has; ``await new_topic(partitions=2)`` returns its name."""

    async def create(partitions: int = 1) -> str:
        name = f"test-{uuid4().hex[:8]}"
        admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(name, partitions, 1)])
        finally:
            await admin.close()
        return name

    return create


@pytest.fixture
async def service_settings(broker_settings: Settings) -> Settings:
    """The same, and the service's topics are there."""
    await make_topics(broker_settings)
    return broker_settings


async def make_topics(settings: Settings) -> None:
    """Make the service's topics, and wait until the broker knows them (see ``test_admin``: it takes a moment)."""
    for _ in range(100):
        try:
            await ensure_topics(settings)
        except TopicMismatchError as error:
            if ": None" not in str(error):
                raise
            await asyncio.sleep(0.02)
        else:
            return
    raise AssertionError("the broker never came to know its topics")


async def settled_ends(settings: Settings, tps: Iterable[TP]) -> dict[TP, int]:
    """Where the logs end, once the marks of all transactions are written: the broker answers a commit before."""
    wanted = list(tps)
    async with (
        LogReader(settings) as committed,
        LogReader(settings, isolation_level="read_uncommitted") as uncommitted,
    ):
        for reader in (committed, uncommitted):
            for topic in {tp.topic for tp in wanted}:
                await reader.partitions(topic)  # without its metadata the first question takes a second
        for _ in range(500):
            if (ends := await committed.ends(wanted)) == await uncommitted.ends(wanted):
                return ends
            await asyncio.sleep(0.01)
    raise AssertionError(f"a transaction stays open: {ends}")
