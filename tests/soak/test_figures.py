"""What the soak says of its samples."""

import pytest

from tests.soak.figures import HOUR, MIB, Matching, Sample, latency, memory, slope


def sample(
    minute: float, mib: float = 100, took: tuple[float, ...] = (10,), *, disturbed: bool = False
) -> Sample:
    return Sample(60 * minute, {"worker": int(mib * MIB)}, took, disturbed)


def test_the_slope_of_a_line_is_its_own_whatever_lies_around_it() -> None:
    assert slope([(0, 5), (1, 7), (2, 9)]) == pytest.approx(2)
    assert slope([(0, 5), (10, 5)]) == 0
    assert slope([(0, 1), (1, 0), (2, 3), (3, 2)]) == pytest.approx(0.6)


@pytest.mark.parametrize("points", [[], [(1.0, 5.0)], [(1.0, 5.0), (1.0, 9.0)]])
def test_points_at_one_place_have_no_slope(points: list[tuple[float, float]]) -> None:
    assert slope(points) is None


def test_a_leak_shows_as_mib_an_hour_and_the_first_half_does_not_count() -> None:
    warming = [sample(minute, 100 + 50 * minute) for minute in range(10)]
    leaking = [sample(minute, 600 + minute / 6) for minute in range(10, 20)]
    found = memory([*warming, *leaking], {"worker"})["worker"]
    assert found["mib_per_hour"] == pytest.approx(10, abs=0.1), "a sixth of a MiB a minute"
    assert found["end_mib"] == found["most_mib"] == pytest.approx(603.2, abs=0.1)


def test_a_process_that_is_restarted_has_no_slope_but_a_most() -> None:
    samples = [sample(0, 100), sample(1, 300), sample(2, 100)]
    assert memory(samples, set()) == {"worker": {"most_mib": 300}}


def test_a_process_that_is_away_is_left_out_of_that_interval() -> None:
    away = Sample(60, {}, (), disturbed=True)
    assert memory([sample(0), away, sample(2), sample(3)], {"worker"})["worker"]["end_mib"] == 100


def test_latency_that_grows_shows_as_ms_an_hour() -> None:
    samples = [sample(minute, took=(10 + minute, 20 + 2 * minute)) for minute in range(60)]
    found = latency(samples)
    assert (found["p50_ms_per_hour"], found["p99_ms_per_hour"]) == (120, 120), "of two, p50 is the second"
    assert found["p99_ms"] == 136, "of 120 transfers the second slowest"


def test_intervals_around_a_rebalance_are_told_apart_and_have_no_part_in_the_slope() -> None:
    quiet = [sample(minute, took=(10,)) for minute in range(20)]
    rough = [sample(minute + 0.5, took=(5_000,), disturbed=True) for minute in range(10, 20, 3)]
    found = latency(sorted([*quiet, *rough], key=lambda one: one.at))
    assert (found["p99_ms"], found["p99_ms_around_rebalances"], found["p99_ms_per_hour"]) == (10, 5_000, 0)


def test_a_run_too_short_to_tell_says_so() -> None:
    assert latency([])["p50_ms_per_hour"] is None
    assert memory([sample(0)], {"worker"})["worker"]["mib_per_hour"] is None


def test_a_transfer_is_matched_with_its_task_whichever_is_told_first() -> None:
    matching = Matching()
    matching.appended("a", 1_000)
    matching.read("b", 2_500)
    assert (matching.take(), matching.unanswered) == ([], 1)
    matching.read("a", 1_040)
    matching.appended("b", 2_450)
    assert (sorted(matching.take()), matching.unanswered) == ([40, 50], 0)
    assert matching.take() == [], "each is taken once"


def test_slopes_are_by_the_hour() -> None:
    assert slope([(0, 0), (HOUR, 7 * HOUR)]) == pytest.approx(7)
