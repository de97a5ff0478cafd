from collections import Counter

import pytest

from tests.bench.outputs import Task, check, task_of

ONE, TWO = (Task("a", "2025-01-01", version, "single_large", 1, f"e{version}") for version in (1, 2))


def test_a_task_is_read_as_the_service_and_as_the_bench_task_write_it() -> None:
    reason = {"rule": "single_large", "observed": 1, "event_id": "e2"}
    bare = {"account_id": "a", "cycle_payday": "2025-01-01", "version": 2}
    assert task_of(bare | {"reason": reason}) == TWO
    assert task_of(bare | {"reasons": [{**reason, "event_id": "e1"}, reason]}) == TWO


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
