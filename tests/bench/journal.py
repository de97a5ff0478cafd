"""One worker working off the journal: all rules on, exactly once."""

import asyncio

from agents.load import fill_journal
from schemas import topics
from tests.bench.stand import START, Size, fresh, medians, rate_of_worker, stand

ACCOUNTS = 20_000


def measure(size: Size) -> dict[str, float]:
    """Events a second and CPU of the worker; every turn an app without state over the same journal."""
    turns = []
    with stand() as service:
        asyncio.run(fill_journal(service.settings, ACCOUNTS, size.events, seed=1, start=START))
        for turn in range(size.turns):
            rate = rate_of_worker(service, fresh(service, f"journal-{turn}"), [topics.JOURNAL])
            turns.append({"events_per_s": rate.per_second, "cpu_s_per_million": rate.cpu_per_million})
    return {"accounts": ACCOUNTS, **medians(turns)}
