"""The landing on a real broker and a real engine: what cannot be landed is set aside, once, the rest lands."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka import AIOKafkaProducer

from agents.clickhouse.client import connect
from agents.embedded.local import LocalService
from schemas import topics
from tests.bench.stand import free_port, get
from tests.e2e.conftest import started

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

EXAMPLES: Final = Path(__file__).parents[2] / "schemas" / "examples"
YEARS: Final = range(1950, 2051)
DIE_SECONDS: Final = 60.0
GIANT: Final = 9_500 * 10**15
Headers = list[tuple[str, bytes | None]]
SOURCE: Headers = [("topic", b"t"), ("partition", b"0"), ("reason", b"invalid"), ("detail", b"amount")]


def fact(kind: str, **fields: Any) -> bytes:
    """A published example, some of its fields otherwise."""
    return json.dumps({**json.loads((EXAMPLES / f"{kind}.json").read_text()), **fields}).encode()


BAD: Final[list[tuple[str, bytes | None, Headers, str]]] = [
    (topics.FACTS, None, [], "null_value"),
    (topics.FACTS, b"\xff{no JSON", [], "malformed"),
    (topics.FACTS, fact("account_cycle", fact="fact_of_tomorrow"), [], "unknown_kind"),
    (topics.FACTS, fact("account_cycle", pay="more than before"), [], "invalid"),
    (topics.FACTS, fact("account_cycle", cycle_payday="2300-01-05"), [], "out_of_range"),
    (
        *(topics.FACTS, fact("outflow", playbook={"name": "p", "version": 2**32}), []),
        "refused",
    ),
    (topics.INTERVENTIONS, None, [], "null_value"),
    (topics.INTERVENTIONS, b"[]", [], "invalid"),
    (topics.DEAD_LETTERS, b"{", [], "headers"),
    (topics.DEAD_LETTERS, None, [*SOURCE, ("offset", None)], "headers"),
]
GOOD: Final[list[tuple[str, bytes | None, Headers]]] = [
    *(
        (topics.FACTS, fact("account_cycle", account_id="a", cycle_payday=f"{year}-01-05"), [])
        for year in YEARS
    ),
    (topics.FACTS, fact("account_cycle", account_id="giant", pay=GIANT, spent=-GIANT), []),
    (topics.INTERVENTIONS, fact("task"), []),
    (topics.DEAD_LETTERS, None, [*SOURCE, ("offset", b"7")]),
]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LocalService]:
    with started(tmp_path, PAYTIDE_PARTITIONS="2") as service:
        yield service


async def write(service: LocalService) -> set[tuple[str, int, int, str]]:
    """Good and bad records in turns; returns where the bad ones lie, and why they cannot be landed."""
    producer = AIOKafkaProducer(bootstrap_servers=service.kafka.bootstrap)
    await producer.start()
    try:
        places = set()
        for topic, value, headers, reason in BAD:
            meta = await producer.send_and_wait(topic, value, headers=headers, key=b"k", partition=1)
            places.add((topic, meta.partition, meta.offset, reason))
            for one, sound, more in GOOD[len(places) :: len(BAD)]:
                await producer.send(one, sound, headers=more, key=b"k", partition=1)
        for one, sound, more in GOOD[:1]:
            await producer.send(one, sound, headers=more, key=b"k", partition=0)
        await producer.flush()
        return places
    finally:
        await producer.stop()


def check_rows(service: LocalService, places: set[tuple[str, int, int, str]]) -> None:
    client = connect(service.settings.clickhouse_dsn)
    try:
        sql = "SELECT topic, partition, offset, reason, detail, value, size FROM set_aside FINAL"
        aside = client.query(sql).result_rows
        assert sorted(row[:4] for row in aside) == sorted(places), "each is there once"
        details = {row[3]: row[4] for row in aside}
        assert details["refused"] == "outflow: DataError, column playbook_version"
        assert "fact_of_tomorrow" in details["unknown_kind"]
        sql = "SELECT account_id, toYear(cycle_payday), pay, spent FROM account_cycle FINAL ORDER BY 1, 2"
        *cycles, giant = client.query(sql).result_rows
        assert [(row[0], row[1]) for row in cycles] == [("a", year) for year in YEARS]
        assert (giant[0], *giant[2:]) == ("giant", GIANT, -GIANT)
        assert client.query("SELECT count() FROM task FINAL").result_rows == [(1,)]
        assert client.query("SELECT offset FROM dead_letter FINAL").result_rows == [(7,)]
    finally:
        client.close()


def test_all_else_lands_and_each_is_set_aside_once_also_after_a_restart_in_the_middle(
    service: LocalService,
) -> None:
    places = asyncio.run(write(service))
    # Dies once something is stored, and nothing is committed yet.
    dying = {"CHAOS_WINDOW": "after-insert", "CHAOS_AFTER": "1"}
    service.start("landing", module="tests.chaos.entry", **dying)
    service.processes.pop("landing").wait(DIE_SECONDS)

    port = free_port()
    service.start("landing", PAYTIDE_METRICS_PORT=str(port))
    service.wait_landed()
    metrics = (get(port, "/metrics") or b"").decode()
    for (topic, reason), count in Counter((topic, reason) for topic, _, _, reason in places).items():
        assert f'paytide_set_aside_total{{reason="{reason}",topic="{topic}"}} {count}.0' in metrics
    assert "paytide_landing_failures_total 0.0" in metrics, "none of this is an outage"
    log = (service.home / "landing.log").read_text()
    assert "10 records set aside, see the table set_aside" in log
    assert "more than before" not in log, "no value stands in the log"
    assert service.stop("landing") == 0
    check_rows(service, places)


def test_a_database_without_its_tables_stops_the_landing_with_advice(service: LocalService) -> None:
    asyncio.run(write(service))
    empty = f"chdb://{service.home / 'empty'}"
    service.start("landing", PAYTIDE_CLICKHOUSE_DSN=empty)
    assert service.processes.pop("landing").wait(DIE_SECONDS) == 2
    assert "run 'paytide migrate' on this database" in (service.home / "landing.log").read_text()
