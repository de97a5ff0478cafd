"""An alert whose transfers have all been reversed by name is cancelled: the money came back (T2)."""

from itertools import permutations
from typing import Any

import pytest

from schemas.tasks import Task
from tests.reference.lines import at, credit, move, out, tick
from tests.streams.builders import LARGE, Kept, cycles, when

PAY = credit("p", at(0), 1_000_000)
Line = dict[str, Any]


def back(name: str, undone: str, amount: int, day: int = 1, hour: int = 20) -> Line:
    """A transfer that came back."""
    return move(name, at(day, hour), amount, "in", "transfer", reverses=undone)


def told(*lines: Line, restarts: bool = False) -> list[Task]:
    kept = Kept()
    for line in lines:
        kept.read(line)
        if restarts:
            kept.restart()
    return kept.take().tasks


def summary(tasks: list[Task]) -> list[tuple[int, str, str | None, list[str]]]:
    return [(one.version, one.status, one.ended_by, [r.event_id for r in one.reasons]) for one in tasks]


OPEN = (1, "open", None, ["x"])


def test_an_alert_is_cancelled_when_its_transfer_comes_back() -> None:
    tasks = told(*LARGE, back("r", "x", 300_000))
    assert summary(tasks) == [OPEN, (2, "superseded", "cancelled", ["x"])]
    assert tasks[1].created_at == when(1, 20), "dated by the reversal"


def test_a_moved_payday_says_so_too() -> None:
    tasks = told(PAY, out("x", at(1), 400_000), credit("o", at(-1), 100))
    assert [task.ended_by for task in tasks] == [None, "payday_moved", None]


def test_it_is_cancelled_after_a_restart_too_and_when_all_is_folded() -> None:
    lines = [*LARGE, tick(at(3)), back("r", "x", 300_000, 3, 12), tick(at(5)), out("y", at(5), 300_000)]
    expected = [OPEN, (2, "superseded", "cancelled", ["x"]), (3, "open", None, ["y"])]
    assert summary(told(*lines)) == expected
    assert summary(told(*lines, restarts=True)) == expected


@pytest.mark.parametrize("other", ["y", None])
def test_a_reversal_of_something_else_cancels_nothing(other: str | None) -> None:
    back_again = move("r", at(1, 20), 300_000, "in", "transfer", reverses=other)
    assert summary(told(*LARGE, back_again)) == [OPEN]


def test_money_that_comes_back_without_a_name_cancels_nothing() -> None:
    assert summary(told(*LARGE, move("r", at(1, 20), 300_000, "in", "transfer"))) == [OPEN]


def test_an_alert_with_a_reason_that_stands_is_not_cancelled() -> None:
    both = [*LARGE, out("y", at(2), 200_000)]
    assert summary(told(*both, back("r", "x", 300_000, 3)))[1:] == [(2, "open", None, ["x", "y"])]
    all_back = [back("r", "x", 300_000, 3), back("s", "y", 200_000, 3)]
    assert summary(told(*both, *all_back))[-1] == (3, "superseded", "cancelled", ["x", "y"])


def test_another_large_transfer_takes_the_reason_over() -> None:
    tasks = told(PAY, out("x", at(1), 350_000), out("y", at(1, 13), 310_000), back("r", "x", 350_000))
    assert summary(tasks)[-1] == (2, "open", None, ["x", "y"]), "the second reason stands, so does the task"
    tasks = told(PAY, out("x", at(1), 900_000), out("y", at(1, 13), 310_000), back("r", "x", 900_000))
    assert summary(tasks)[-1] == (2, "open", None, ["y"]), "a customer who keeps moving out is not called"


def test_small_transfers_do_not_keep_an_alert_alive() -> None:
    tasks = told(PAY, out("x", at(1), 900_000), out("y", at(1, 13), 10), back("r", "x", 900_000))
    assert summary(tasks)[-1] == (2, "superseded", "cancelled", ["x", "x"])


def test_money_that_leaves_again_opens_the_task_again() -> None:
    first, cancelled, again = told(*LARGE, back("r", "x", 300_000), out("y", at(2), 300_000))
    assert first.task_id == cancelled.task_id == again.task_id
    assert summary([again]) == [(3, "open", None, ["y"])]
    assert again.first_contact_due > first.first_contact_due, "a new deadline, as for a new alert"


def test_a_small_transfer_does_not_open_it_again() -> None:
    assert len(told(*LARGE, back("r", "x", 300_000), out("y", at(2), 299_999))) == 2


@pytest.mark.parametrize("same_instant", [False, True])
def test_in_whatever_order_it_is_read_nothing_stays_open(same_instant: bool) -> None:
    undone = back("r", "x", 300_000, 1, 12 if same_instant else 20)
    for lines in permutations([*LARGE, undone]):
        tasks = told(*lines)
        assert not tasks or tasks[-1].ended_by == "cancelled", [line["value"]["event_id"] for line in lines]
        assert len(tasks) in (0, 2)


def test_the_flags_of_the_closed_cycle_stay() -> None:
    kept = Kept().read(PAY, out("x", at(1), 600_000), back("r", "x", 600_000), tick(at(10)))
    (fact,) = cycles(kept.take().facts)
    assert fact["flags"] == ["cumulative_large", "single_large"]
    assert fact["moved_out"] == 0


def test_a_reversal_after_the_next_pay_cancels_the_alert_of_the_cycle_before() -> None:
    tasks = told(*LARGE, credit("q", at(5), 1_000), back("r", "x", 300_000, 6))
    assert summary(tasks)[-1] == (2, "superseded", "cancelled", ["x"])


def test_a_reversal_of_pay_cancels_nothing() -> None:
    assert summary(told(*LARGE, credit("u", at(1, 20), 1_000_000, reverses="p"))) == [OPEN]
