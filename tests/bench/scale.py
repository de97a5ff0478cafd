"""Whether a large table makes a worker slower: the same load over a table of many accounts and of few."""

import asyncio

from agents.embedded.local import LocalService
from agents.load import fill_journal
from schemas import topics
from tests.bench.filling import EVENTS_PER_TICK
from tests.bench.held import NEXT_MONTH, fill
from tests.bench.stand import Size, fresh, medians, rate_of_worker, stand

FEW = 10_000


def measure(size: Size) -> dict[str, float]:
    """Events a second with many accounts and with few, turn about, and their ratio. Every turn is an app
    without state. What does not count: the records that fill its table, and then one posting of every
    account, in which the days since its last one are made up for."""
    turns = []
    with stand() as few, stand() as many:
        skips = [_prepare(few, FEW, size.events), _prepare(many, size.accounts, size.events)]
        for turn in range(size.turns):
            slow, fast = (
                rate_of_worker(service, fresh(service, f"scale-{turn}"), [topics.JOURNAL], skip).per_second
                for service, skip in zip((many, few), reversed(skips), strict=True)
            )
            turns.append({"many_per_s": slow, "few_per_s": fast, "many_by_few": slow / fast})
    return {"accounts": size.accounts, "few_accounts": FEW, **medians(turns)}


def _prepare(service: LocalService, accounts: int, events: int) -> int:
    settings = service.settings
    filled = fill(service, accounts)
    asyncio.run(fill_journal(settings, accounts, accounts + events, seed=1, start=NEXT_MONTH))
    return filled + accounts + accounts // EVENTS_PER_TICK * settings.partitions
