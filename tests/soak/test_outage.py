"""What is said of an outage, from looks at it."""

from tests.soak.figures import MIB, Sample
from tests.soak.outage import Look, Phase, figures


def look(phase: Phase, at: float, mib: int, behind: int, took: float = 10) -> Look:
    return Look(phase, Sample(at, {"landing": mib * MIB}, (took,), False), behind)


LOOKS = [
    look(Phase.WARM_UP, 5, 90, 9_000, took=900),
    look(Phase.BEFORE, 10, 100, 50),
    look(Phase.BEFORE, 15, 105, 80),
    look(Phase.DURING, 20, 130, 5_000, took=12),
    look(Phase.DURING, 25, 150, 9_000, took=14),
    look(Phase.AFTER, 30, 180, 9_500),
    look(Phase.AFTER, 35, 170, 80),
    look(Phase.AFTER, 40, 170, 60),
]


def test_latency_memory_and_lag_are_told_by_phase_and_the_warm_up_has_no_part_in_them() -> None:
    found = figures(LOOKS, outage_over=27)
    assert (found["before"]["p99_ms"], found["during"]["p99_ms"]) == (10, 14)
    assert [found[phase]["landing_mib"] for phase in ("before", "during", "after")] == [105, 150, 180]
    assert found["during"]["landing_behind"] == 9_000


def test_catching_up_counts_to_the_memory_the_outage_took() -> None:
    assert figures(LOOKS, outage_over=27)["landing_more_mib"] == 75


def test_it_has_caught_up_when_it_is_no_further_behind_than_before() -> None:
    assert figures(LOOKS, outage_over=27)["caught_up_s"] == 8
    assert figures(LOOKS[:-2], outage_over=27)["caught_up_s"] is None, "it never did"
