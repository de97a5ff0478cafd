from collections import Counter

import pytest

from tests.bench.outputs import Task, check, tasks_in

ONE, TWO = (Task("a", "2025-01-01", version, "single_large", 1, f"e{version}") for version in (1, 2))


def test_tasks_are_read_as_the_service_and_as_the_bench_task_write_them() -> None:
    one, two = ({"rule": "single_large", "observed": 1, "event_id": f"e{version}"} for version in (1, 2))
    bare = {"account_id": "a", "cycle_payday": "2025-01-01"}
    separately = [bare | {"version": 1, "reason": one}, bare | {"version": 2, "reason": two}]
    in_two = [bare | {"version": 1, "reasons": [one]}, bare | {"version": 2, "reasons": [one, two]}]
    at_once = [bare | {"version": 1, "reasons": [one, two]}]
    for values in (separately, in_two, at_once):
        told: dict[tuple[str, str], int] = {}
        assert [task for value in values for task in tasks_in(value, told)] == [ONE, TWO]


@pytest.mark.parametrize("exactly_once", [True, False])
def test_a_missing_task_and_a_wrong_one_are_errors(exactly_once: bool) -> None:
    both = Counter([ONE, TWO])
    check("x", both, both, both, exactly_once)
    with pytest.raises(ValueError, match="1 tasks are missing"):
        check("x", Counter([ONE]), both, both, exactly_once)
    with pytest.raises(ValueError, match="1 tasks too many"):
        check("x", both, Counter([ONE]), Counter([ONE]), exactly_once)


def test_only_at_least_once_may_repeat_a_task() -> None:
    check("x", Counter([ONE, ONE]), Counter([ONE]), Counter([ONE]), exactly_once=False)
    with pytest.raises(ValueError, match="too many"):
        check("x", Counter([ONE, ONE]), Counter([ONE]), Counter([ONE]), exactly_once=True)


def test_who_is_stopped_on_the_way_may_be_between_committed_and_everything() -> None:
    check("x", Counter([ONE]), Counter(), Counter([ONE, TWO]), exactly_once=False)
