"""Rights that are missing: one line that names them, at once, exit code 2; and those that are enough."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from agents.broadcasting import broadcast
from agents.clickhouse import migrate
from agents.clickhouse.client import connect
from agents.embedded.local import LocalService
from agents.landing import LANDED
from agents.load import fill_journal
from agents.log.lag import wait_until_caught_up
from agents.log.topics import ensure_topics
from agents.lookahead import first_of
from agents.settings import Settings
from schemas import topics
from schemas.groups import GROUPS
from schemas.playbook import Playbook
from tests.secure import PASSWORD, Rule, SecureKafka, allow, deny

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

APP = "secured"
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
SEEN = "Describe DescribeConfigs"
TOPICS = (Rule("topic", "payday.", SEEN, "prefixed"), Rule("topic", f"{APP}-", SEEN, "prefixed"))
READS = tuple(Rule("topic", name, "Read") for name in topics.TYPE_TOPICS)
JOURNAL = Rule("topic", topics.JOURNAL, "Read Write")
GROUPS_LOG = Rule("topic", GROUPS, "Read Write")
CHANGELOG = Rule("topic", f"{APP}-", "Read Write", "prefixed")
WRITES = tuple(Rule("topic", name, "Write") for name in LANDED)
GROUP = Rule("group", APP, "Read")
IDS = Rule("transactional-id", f"{APP}-", "Write", "prefixed")
OF_WORKER = (*TOPICS, *READS, JOURNAL, GROUPS_LOG, CHANGELOG, *WRITES, GROUP, IDS)
RULES: dict[str, tuple[Rule, ...]] = {
    "full": OF_WORKER,
    "landing": (
        *TOPICS,
        *(Rule("topic", name, "Read") for name in LANDED),
        Rule("group", f"{APP}-landing", "Read"),
    ),
    "no-journal": (
        *(rule for rule in OF_WORKER if rule is not JOURNAL),
        Rule("topic", topics.JOURNAL, "Read"),
    ),
    "no-group": tuple(rule for rule in OF_WORKER if rule is not GROUP),
    "no-id": tuple(rule for rule in OF_WORKER if rule is not IDS),
    # The broker tells where the id's coordinator is, and then refuses to initialise it.
    "no-init": (
        *(rule for rule in OF_WORKER if rule is not IDS),
        Rule("transactional-id", f"{APP}-", "Describe", "prefixed"),
    ),
}


@pytest.fixture(scope="module")
def ours(secure_broker: SecureKafka) -> Settings:
    """Settings for who may do everything; the topics and the rules are there."""
    settings = Settings(_env_file=None, app_id=APP, kafka_bootstrap=secure_broker.bootstrap)

    async def prepare() -> None:
        await ensure_topics(settings)
        for user, rules in RULES.items():
            await allow(secure_broker, user, *rules)

    asyncio.run(prepare())
    return settings


class Secured(LocalService):
    """The processes of the service, on the secured broker, which is not theirs to stop."""

    def __init__(self, home: Path, broker: SecureKafka, user: str) -> None:
        super().__init__(
            home,
            PAYTIDE_APP_ID=APP,
            PAYTIDE_KAFKA_BOOTSTRAP=broker.login,
            PAYTIDE_KAFKA_SECURITY_PROTOCOL="SASL_PLAINTEXT",
            PAYTIDE_KAFKA_SASL_MECHANISM="SCRAM-SHA-512",
            PAYTIDE_KAFKA_USERNAME=user,
            PAYTIDE_KAFKA_PASSWORD=PASSWORD,
            # Some twenty logins at each rebalance, each with thousands of hashes, on a machine with much to do.
            PAYTIDE_KAFKA_SESSION_TIMEOUT="30",
        )

    def run(self, command: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """A command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "agents", command],
            env={**os.environ, **self.env, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ends(self, name: str) -> tuple[int, list[str]]:
        """Wait until a process ends by itself: its exit code, and the critical lines of its log."""
        code = self.processes.pop(name).wait(60)
        said = (self.home / f"{name}.log").read_text().splitlines()
        assert not any("Traceback" in line for line in said), "\n".join(said)
        return code, [line for line in said if "CRITICAL" in line]


@pytest.fixture
def service(
    request: pytest.FixtureRequest, tmp_path: Path, ours: Settings, secure_broker: SecureKafka
) -> Iterator[Secured]:
    """The service as the user that the test names."""
    with Secured(tmp_path, secure_broker, request.param) as made:
        yield made


def as_user(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("service", [name], indirect=True)


@as_user("full")
@pytest.mark.parametrize("command", ["worker", "landing"])
def test_a_wrong_password_is_one_line_and_exit_code_2(service: Secured, command: str) -> None:
    done = service.run(command, PAYTIDE_KAFKA_PASSWORD="guessed")
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"paytide: {service.env['PAYTIDE_KAFKA_BOOTSTRAP']}: ")
    assert "PAYTIDE_KAFKA_PASSWORD" in done.stderr
    assert done.stderr.count("\n") == 1, f"not one line:\n{done.stderr}"


@pytest.mark.parametrize(
    ("service", "command", "missing"),
    [
        ("no-journal", "worker", f"no-journal: Write on topic {topics.JOURNAL}. Have"),
        ("no-group", "worker", f"no-group: Read on consumer group {APP}. Have"),
        ("no-id", "worker", "no-id: Describe, Write on transactional ids secured-"),
        (
            "nothing",
            "worker",
            "on topics payday.journal.v1, payday.groups.v1, secured-accounts-changelog, secured-groups-changelog; ",
        ),
        (
            "full",
            "landing",
            f"Read on topics {', '.join(sorted(LANDED, reverse=True))}; Read on consumer group {APP}-landing. Have",
        ),
    ],
    indirect=["service"],
)
def test_a_missing_right_is_one_line_that_names_it_and_exit_code_2(
    service: Secured, command: str, missing: str
) -> None:
    done = service.run(command)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, f"not one line:\n{done.stderr}"
    assert missing in done.stderr


@as_user("no-init")
def test_an_id_that_may_not_be_initialised_stops_the_worker_when_it_gets_its_partitions(
    service: Secured,
) -> None:
    service.start("worker")
    code, lines = service.ends("worker")
    assert len(lines) == 1, lines
    assert "transactional id secured-" in lines[0]
    assert code == 2


@as_user("full")
def test_the_rights_that_are_asked_for_are_enough_and_a_lost_one_stops_the_worker(
    service: Secured, ours: Settings, secure_broker: SecureKafka
) -> None:
    asyncio.run(broadcast(ours, first_of(Playbook())))
    asyncio.run(fill_journal(ours, accounts=5, events=500, seed=1))
    service.start("worker")
    asyncio.run(wait_until_caught_up(ours, APP, [topics.JOURNAL], 120, service.check))
    asyncio.run(deny(secure_broker, "full", Rule("topic", topics.FACTS, "Write"), CHANGELOG))
    asyncio.run(fill_journal(ours, accounts=5, events=500, seed=2))
    code, lines = service.ends("worker")
    assert len(lines) == 1, lines
    assert "the broker does not allow it: topic secured-accounts-changelog" in lines[0]
    assert code == 2


async def publish(settings: Settings, fact: bytes) -> None:
    async with AIOKafkaProducer(**settings.kafka_client()) as producer:
        await producer.send_and_wait(topics.FACTS, fact, partition=0)


@as_user("landing")
def test_the_rights_that_the_landing_asks_for_are_enough(service: Secured, ours: Settings) -> None:
    client = connect(service.settings.clickhouse_dsn)
    migrate.apply(client)
    client.close()
    asyncio.run(publish(ours, (EXAMPLES / "account_cycle.json").read_bytes()))
    service.start("landing")
    asyncio.run(wait_until_caught_up(ours, f"{APP}-landing", LANDED, 120, service.check))
    assert service.stop("landing") == 0
