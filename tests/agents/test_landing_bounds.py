"""What waits in the landing while ClickHouse is away is bounded for all its partitions together (X6)."""

from collections.abc import Iterable
from typing import Any
from unittest import mock

import pytest

from agents.landing import LANDED, Landing, create_landing
from agents.log.records import TP
from agents.settings import Settings
from tests.agents.recordset.builders import record_set

PARTITIONS = 4
TPS = [TP(topic, partition) for topic in LANDED for partition in range(PARTITIONS)]
WAITING_BYTES = 1_000_000


@pytest.fixture
async def landing() -> Landing:
    made: Any = create_landing(Settings(_env_file=None, landing_waiting_bytes=WAITING_BYTES)).landing
    made._positions = mock.AsyncMock(side_effect=lambda tps: dict.fromkeys(tps, 0))
    made._seek = mock.AsyncMock()
    return made  # type: ignore[no-any-return]


async def fill(landing: Landing, tps: Iterable[TP]) -> int:
    """Offer sets to each partition for as long as it is not full; returns the bytes that wait."""
    size = 0
    for tp in tps:
        end = 0
        while not landing.is_full(tp):
            one = record_set(end, end + 10, tp=tp)
            await landing.inboxes[tp].offer(one)
            end, size = one.end, size + one.size
    return size


async def test_all_partitions_share_one_bound(landing: Landing) -> None:
    await landing.on_assigned({*TPS, TP("not-landed", 0)})
    a_set = record_set(0, 10).size
    waiting = await fill(landing, TPS)
    assert WAITING_BYTES - len(TPS) < waiting <= WAITING_BYTES + len(TPS) * a_set, (
        "all full, and no more than the bound and one set of each partition waits"
    )


async def test_who_has_fewer_partitions_lets_more_wait_for_each(landing: Landing) -> None:
    await landing.on_assigned({*TPS[:2]})
    assert await fill(landing, TPS[:1]) >= WAITING_BYTES // 2


async def test_a_partition_that_is_not_here_is_full(landing: Landing) -> None:
    await landing.on_assigned({*TPS})
    await landing.on_revoked({TPS[0]})
    assert landing.is_full(TPS[0])
    assert not landing.is_full(TPS[1])
