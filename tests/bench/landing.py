"""The landing: facts that lie ready, into ClickHouse (the embedded engine)."""

import asyncio
from time import monotonic, sleep

from prometheus_client.parser import text_string_to_metric_families

from agents.clickhouse import migrate
from agents.clickhouse.client import connect
from agents.embedded.local import LocalService
from agents.landing import LANDED
from agents.log.lag import lag
from tests.bench.filling import pays, to_journal, write
from tests.bench.stand import (
    LOOK_SECONDS,
    WORKER,
    Size,
    free_port,
    fresh,
    get,
    medians,
    stand,
    start_worker,
)

MONTHS = 3
EVENTS_PER_ACCOUNT = 10
PAYS_PER_TICK = 500
LEAST_INSERTS = 3
LANDING = "landing"


def measure(size: Size) -> dict[str, float]:
    """Rows a second between the first insert and the last; every turn into an empty database."""
    accounts = max(1, size.events // EVENTS_PER_ACCOUNT)
    with stand() as service:
        asyncio.run(write(service.settings, to_journal(pays(accounts, MONTHS), PAYS_PER_TICK)))
        start_worker(service, service.settings)
        service.wait_applied(timeout=900)
        service.stop(WORKER)
        return medians([_turn(service, turn) for turn in range(size.turns)])


def _turn(service: LocalService, turn: int) -> dict[str, float]:
    dsn = f"chdb://{(service.home / f'clickhouse-{turn}').resolve()}"
    client = connect(dsn)
    migrate.apply(client)
    client.close()
    settings = fresh(service, f"landing-{turn}")
    port = free_port()
    service.start(
        LANDING,
        PAYTIDE_APP_ID=settings.app_id,
        PAYTIDE_CLICKHOUSE_DSN=dsn,
        PAYTIDE_METRICS_PORT=str(port),
    )
    seen: list[tuple[float, float]] = []
    behind = True
    while behind:
        service.check()
        # In this order: what was landed before the group had caught up is seen by the look after it.
        behind = asyncio.run(lag(settings, f"{settings.app_id}-landing", LANDED)) > 0
        rows = _rows(port)
        if rows > (seen[-1][1] if seen else 0):
            seen.append((monotonic(), rows))
        sleep(LOOK_SECONDS)
    service.stop(LANDING)
    if len(seen) < LEAST_INSERTS:
        raise ValueError(f"{len(seen)} inserts are too few to measure: raise EVENTS")
    (began, first), (ended, last) = seen[0], seen[-1]
    return {"rows": last, "rows_per_s": (last - first) / (ended - began)}


def _rows(port: int) -> float:
    page = (get(port, "/metrics") or b"").decode()
    return sum(
        sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == "paytide_landed_rows_total"
    )
