"""How far a group is behind."""

import asyncio
from collections.abc import Callable, Iterable

from agents.log.offsets import LogReader, committed
from agents.log.topics import admin
from agents.settings import Settings

POLL_SECONDS = 0.1


async def lag(settings: Settings, group: str, topics: Iterable[str]) -> int:
    """Offsets between the group's committed positions and the logs' ends, all partitions."""
    # Not the last stable offset: it trails the commit, and a record just written would be overlooked.
    async with admin(settings) as client, LogReader(settings, isolation_level="read_uncommitted") as log:
        tps = [tp for topic in topics for tp in await log.partitions(topic)]
        begins, ends = await log.begins(tps), await log.ends(tps)
        done = await committed(client, group, tps)
        return sum(max(0, ends[tp] - done.get(tp, begins[tp])) for tp in tps)


async def wait_until_caught_up(
    settings: Settings,
    group: str,
    topics: Iterable[str],
    timeout: float,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Wait until a group has read everything. ``check`` is called between looks and may raise.

    Raises ``TimeoutError`` after ``timeout`` seconds.
    """
    names = list(topics)
    async with asyncio.timeout(timeout):
        while await lag(settings, group, names) > 0:
            check()
            await asyncio.sleep(POLL_SECONDS)
