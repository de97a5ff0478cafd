"""The embedded broker is a real one: it keeps its data and its address through a kill."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from agents.embedded import EmbeddedKafka, EmbeddedUnavailable

pytestmark = pytest.mark.broker

TOPIC = "test.embedded"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port in use by something that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def create(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()


async def produce(bootstrap: str, topic: str, value: bytes, transactional_id: str | None = None) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=transactional_id) as producer:
        if transactional_id is None:
            await producer.send_and_wait(topic, value)
            return
        async with producer.transaction():
            await producer.send_and_wait(topic, value)


async def consume(bootstrap: str, topic: str, count: int) -> list[bytes | None]:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        group_id=f"test-{time.monotonic_ns()}",
        session_timeout_ms=1_000,
        heartbeat_interval_ms=300,
    )
    async with consumer, asyncio.timeout(30):
        return [(await consumer.getone()).value for _ in range(count)]


def test_what_was_written_survives_a_kill_and_a_stop(kafka: EmbeddedKafka) -> None:
    address = kafka.bootstrap
    asyncio.run(create(address, TOPIC))
    asyncio.run(produce(address, TOPIC, b"before"))
    kafka.kill()
    assert kafka.pid is None
    kafka.start()
    asyncio.run(produce(address, TOPIC, b"between", transactional_id="test"))
    kafka.stop()
    kafka.start()
    assert kafka.bootstrap == address
    assert asyncio.run(consume(address, TOPIC, 2)) == [b"before", b"between"]


def test_another_object_on_the_same_data_keeps_the_address(kafka: EmbeddedKafka) -> None:
    assert EmbeddedKafka(kafka.data_dir).bootstrap == kafka.bootstrap


def test_starting_twice_changes_nothing(kafka: EmbeddedKafka) -> None:
    before = kafka.pid
    kafka.start()
    assert kafka.pid == before is not None


def test_it_listens_on_this_machine_only(kafka: EmbeddedKafka) -> None:
    port = int(kafka.bootstrap.rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port), timeout=1):
        pass


def test_a_port_that_another_broker_has_is_refused(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    other = EmbeddedKafka(tmp_path, port=int(kafka.bootstrap.rpartition(":")[2]))
    with pytest.raises(EmbeddedUnavailable, match="is in use by another program"):
        other.start()


def test_a_start_that_fails_shows_why(tmp_path: Path, taken_port: int) -> None:
    other = EmbeddedKafka(tmp_path)
    assert other.bootstrap
    ports = json.loads((tmp_path / "ports.json").read_text(encoding="utf-8"))
    (tmp_path / "ports.json").write_text(json.dumps({**ports, "controller": taken_port}), encoding="utf-8")
    with pytest.raises(EmbeddedUnavailable, match=r"(?s)did not start.*Address already in use"):
        other.start()
    assert other.pid is None


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, time; from agents.embedded import EmbeddedKafka\n"
        "k = EmbeddedKafka(pathlib.Path(sys.argv[1])); k.start(); print(k.pid, flush=True); time.sleep(600)"
    )
    root = Path(__file__).parents[3]
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=root)
    assert parent.stdout is not None
    broker = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert gone(broker, within=10.0)


def gone(pid: int, within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False
