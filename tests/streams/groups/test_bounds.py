"""No value grows with a group, and state ends (A7, A9)."""

from datetime import timedelta

from streams.groups.state import LARGEST
from tests.streams.groups.builders import Kept, closed, local, paid, watermark

PARTITIONS = 500
DATES = 100
START = local("2026-06-01 12:00")


def day(n: int) -> str:
    return str((START + timedelta(days=n)).date())


def test_values_stay_small_whatever_a_group_is_told() -> None:
    # Everybody is paid on another day, had another payday before, is a billionaire, and lives elsewhere.
    kept = Kept()
    kept.read_only(
        *(
            paid(START, day(-n), count=10**9, amount=10**9, partition=partition, previous=day(-n - before))
            for n in range(DATES)
            for before, partition in ((one, (n * 5 + one) % PARTITIONS) for one in range(1, 110))
        ),
        *(closed(START, day(-n), count=1, pay=10**18, kept=10**18) for n in range(DATES) for _ in range(20)),
    )
    waiting = max(map(len, kept.take().table.values()))
    kept.read(*(watermark(START + timedelta(days=1), n, PARTITIONS) for n in range(PARTITIONS)))
    decided = max(map(len, kept.table.values()))
    assert kept.dead == []
    assert max(waiting, decided) < LARGEST // 4, "far from the limit at which the worker stops"
    assert len(kept.table) < DATES + 20


def test_an_employer_that_pays_daily_for_years_keeps_what_may_still_change() -> None:
    kept = Kept()
    sizes = []
    for n in range(300):
        at = START + timedelta(days=n)
        kept.read(paid(at, day(n), count=2, previous=day(n - 1)), watermark(at))
        sizes.append((len(kept.table), sum(map(len, kept.table.values()))))
    assert sizes[-1][0] <= sizes[150][0] + 5, "the number of entries has come to its end"
    assert sizes[-1][1] <= sizes[150][1] * 1.2, "and their size"
