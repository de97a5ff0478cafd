"""A table with many accounts in it, and the time it takes to have it back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from agents.embedded.local import LocalService
from agents.settings import Settings
from tests.bench.filling import paid_and_used, to_journal, write
from tests.bench.stand import WORKER, free_port, get, stand, start_worker, wait_until


@contextmanager
def held(accounts: int) -> Iterator[LocalService]:
    """A service whose worker, not running now, has so many accounts with an open cycle in its table."""
    with stand() as service:
        fill(service, accounts)
        start_worker(service, service.settings)
        service.wait_applied(timeout=900)
        service.kill(WORKER)
        yield service


def fill(service: LocalService, accounts: int) -> int:
    """Write the postings that put so many accounts into the table; returns how many records."""
    return asyncio.run(write(service.settings, to_journal(paid_and_used(accounts))))


def start_until_ready(service: LocalService, settings: Settings) -> tuple[float, int]:
    """Start the worker of an app; returns the seconds until it says it is ready, and its process id."""
    port, began = free_port(), monotonic()
    pid = start_worker(service, settings, PAYTIDE_METRICS_PORT=str(port))
    wait_until(lambda: get(port, "/readyz") is not None, service)
    return monotonic() - began, pid
