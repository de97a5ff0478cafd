"""A killed worker with a large table and an hour of updates: from the start of its process until it is ready,
and at work, again."""

import asyncio
from time import monotonic
from typing import Final

from agents.embedded.local import LocalService
from agents.log.topics import changelog_topic
from tests.bench.filling import instant_of, paid_and_used, tick, write
from tests.bench.held import held, start_until_ready
from tests.bench.outputs import ends_of
from tests.bench.stand import WORKER, Size, medians, stand

HOUR_SECONDS: Final = 3_600


def measure(size: Size) -> dict[str, float]:
    """Seconds until /readyz says yes, and until ticks that came while it was down are committed in every
    partition; without accounts and with them. The start of the process counts; the health check looks at
    intervals, so ``ready_s`` is coarse. ``accounts_per_s``: over what the accounts add to ``working_s``,
    left out where they add nothing that could be measured. ``updates``: postings applied since the table was
    filled, an hour of them at the rate. ``changelog_offsets``: what the changelog spans, and ``changelog_mib``
    what compaction has left of it."""
    turns, updates = [], HOUR_SECONDS * size.rate
    with stand() as empty, held(size.accounts, updates) as full:
        _restart(empty)  # the first start ever makes the group as well
        for _ in range(size.turns):
            bare, ready = _restart(empty), _restart(full)
            turns.append(
                {
                    "empty_ready_s": bare[0],
                    "empty_working_s": bare[1],
                    "ready_s": ready[0],
                    "working_s": ready[1],
                }
            )
        changelog = changelog_topic(full.settings.app_id)
        spans = asyncio.run(ends_of(full.settings, changelog))
        left = sum(log.stat().st_size for log in full.home.rglob(f"{changelog}-*/*.log"))
    figures = {
        "accounts": size.accounts,
        "updates": updates,
        "changelog_offsets": sum(spans.values()),
        "changelog_mib": left / 2**20,
        **medians(turns),
    }
    more = figures["working_s"] - figures["empty_working_s"]
    return figures | ({"accounts_per_s": size.accounts / more} if more > 0 else {})


def _restart(service: LocalService) -> tuple[float, float]:
    # An instant long past: the clock ignores it, but it is a record to be committed.
    asyncio.run(write(service.settings, [tick(instant_of(next(paid_and_used(1))))]))
    began = monotonic()
    ready, _ = start_until_ready(service, service.settings)
    service.wait_applied(timeout=900)
    working = monotonic() - began
    service.kill(WORKER)
    return ready, working
