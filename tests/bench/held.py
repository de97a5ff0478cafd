"""A table with many accounts in it, and the time it takes to have it back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from time import monotonic
from typing import Final

from agents.embedded.local import LocalService
from agents.load import fill_journal
from agents.settings import Settings
from tests.bench.filling import paid_and_used, to_journal, write
from tests.bench.stand import WORKER, free_port, get, stand, start_worker, wait_until

NEXT_MONTH: Final = date(2025, 2, 1)
"""When the postings begin that come after those of :func:`fill`."""


@contextmanager
def held(accounts: int, updates: int = 0) -> Iterator[LocalService]:
    """A service whose worker has so many accounts with an open cycle in its table, and has applied so many
    postings of them since. It was killed."""
    with stand() as service:
        fill(service, accounts)
        start_worker(service, service.settings)
        service.wait_applied(timeout=900)
        if updates:
            asyncio.run(fill_journal(service.settings, accounts, updates, seed=4, start=NEXT_MONTH))
            service.wait_applied(timeout=1_800)
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
