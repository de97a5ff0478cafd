"""``paytide tasks`` and ``paytide dlq list`` against a real broker."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import Result

from agents.embedded.kafka import EmbeddedKafka
from agents.log.topics import ensure_topics
from agents.settings import Settings
from schemas.topics import DEAD_LETTERS, INTERVENTIONS

pytestmark = pytest.mark.broker

EXAMPLE = (Path(__file__).parents[3] / "schemas" / "examples" / "task.json").read_text(encoding="utf-8")

Record = tuple[str, bytes | None, bytes | None, list[tuple[str, bytes]]]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as kafka:
        yield kafka


def produce(bootstrap: str, records: list[Record], *, aborted: bool = False) -> None:
    """Write records in one transaction, as the worker does."""
    asyncio.run(_produce(bootstrap, records, aborted))


async def _produce(bootstrap: str, records: list[Record], aborted: bool) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id="test") as producer:
        await producer.begin_transaction()
        for topic, key, value, headers in records:
            await producer.send_and_wait(topic, value, key, headers=headers)
        await (producer.abort_transaction() if aborted else producer.commit_transaction())


def task(version: int) -> Record:
    value = json.dumps({**json.loads(EXAMPLE), "version": version}).encode()
    return INTERVENTIONS, b"A-100234", value, []


def dead(reason: str, offset: int, value: bytes | None = b"A secret value") -> Record:
    headers = {
        "topic": "payday.journal.v1",
        "partition": "2",
        "offset": str(offset),
        "reason": reason,
        "detail": "x",
    }
    return DEAD_LETTERS, b"clear-number", value, [(name, text.encode()) for name, text in headers.items()]


@pytest.fixture(scope="module")
def bootstrap(broker: EmbeddedKafka) -> str:
    """A broker with our topics and a few records, one transaction of which was aborted."""
    asyncio.run(ensure_topics(Settings(kafka_bootstrap=broker.bootstrap)))
    produce(broker.bootstrap, [task(9), dead("invalid", 9)], aborted=True)
    letters = [dead("too_late", number) for number in range(3)]
    produce(broker.bootstrap, [task(1), task(2), *letters, dead("null_value", 7, None)])
    return broker.bootstrap


def test_tasks_from_the_beginning(paytide: Callable[..., Result], bootstrap: str) -> None:
    shown = paytide("tasks", "--language", "en", "--from-beginning", "--timeout", 1, "--bootstrap", bootstrap)
    assert shown.exit_code == 0, shown.output
    first, second = shown.stdout.splitlines()
    assert first.startswith("Account A-100234: 5 000.00 CNY left in one transfer ")
    assert second.startswith("Account A-100234 (update 2): ")
    assert shown.stderr == "2 task versions, then none for 1 s\n"


def test_tasks_as_published(paytide: Callable[..., Result], bootstrap: str) -> None:
    shown = paytide("tasks", "--from-beginning", "--json", "--limit", 1, "--bootstrap", bootstrap)
    assert [json.loads(line)["version"] for line in shown.stdout.splitlines()] == [1]
    assert shown.stderr == ""


def test_tasks_ends_when_nothing_new_comes(paytide: Callable[..., Result], bootstrap: str) -> None:
    shown = paytide("tasks", "--new", "--timeout", 0.5, "--bootstrap", bootstrap)
    assert (shown.exit_code, shown.stdout) == (0, "")


def test_tasks_shows_a_new_one_as_it_comes(bootstrap: str) -> None:
    command = [sys.executable, "-m", "agents", "tasks", "--limit", "1", "--json", "--timeout", "60"]
    with subprocess.Popen(
        [*command, "--bootstrap", bootstrap], stdout=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stdout is not None
        for version in range(10, 100):  # until the watcher is there
            produce(bootstrap, [task(version)])
            if watching.poll() is not None:
                break
            time.sleep(0.3)
        assert json.loads(watching.stdout.readline())["version"] >= 10
    assert watching.returncode == 0


def test_dead_letters_without_their_contents(paytide: Callable[..., Result], bootstrap: str) -> None:
    shown = paytide("dlq", "list", "--bootstrap", bootstrap)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.endswith("4 dead letters (too_late 3, null_value 1), 4 shown\n")
    assert "too_late           payday.journal.v1 partition 2 offset 0: x (14 bytes)" in shown.stdout
    assert "secret" not in shown.output
    assert "clear-number" not in shown.output


def test_the_newest_dead_letters_of_a_reason(paytide: Callable[..., Result], bootstrap: str) -> None:
    shown = paytide("dlq", "list", "--reason", "too_late", "--limit", 2, "--json", "--bootstrap", bootstrap)
    letters = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [letter["offset"] for letter in letters] == ["1", "2"]
    assert {letter["reason"] for letter in letters} == {"too_late"}
    assert "secret" not in shown.stdout


def test_a_broker_without_our_topics(
    paytide: Callable[..., Result], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with EmbeddedKafka(tmp_path_factory.mktemp("empty")) as empty:
        shown = paytide("dlq", "list", "--bootstrap", empty.bootstrap)
    assert shown.exit_code == 2
    assert shown.stderr.startswith(f"paytide: there is no topic {DEAD_LETTERS} at {empty.bootstrap}; start ")


def test_a_task_this_version_does_not_know(paytide: Callable[..., Result], bootstrap: str) -> None:
    produce(bootstrap, [(INTERVENTIONS, b"k", b'{"task_id": "t"}', [])])
    shown = paytide("tasks", "--from-beginning", "--timeout", 1, "--bootstrap", bootstrap)
    assert shown.exit_code == 2
    assert "is no task this version knows (version)" in shown.stderr
