"""The real-time alert: raised by the first rule that holds, updated by the second (T1, T2, O1, R9)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instant import HOUR, format_instant
from schemas.tasks import Task
from streams.accounting.cycle_facts import deterministic_id
from tests.reference.lines import at, credit, move, out, tick, to
from tests.streams.builders import (
    LARGE,
    NEW_PAYDAY,
    PROFILE_LINE,
    SHIPPED,
    Kept,
    file_of,
    quick,
    record,
    rules,
    when,
)
from tests.streams.histories import histories

PAY = credit("p", at(0), 1_000_000)


def tasks_of(*lines: dict[str, Any], **more: Any) -> list[Task]:
    """The task versions, in order, with no clock: everything is pending."""
    return Kept(**more).read(*lines).take().tasks


def summary(tasks: list[Task]) -> list[tuple[str, int, str, list[str]]]:
    return [
        (str(task.cycle_payday), task.version, task.status, [r.rule for r in task.reasons]) for task in tasks
    ]


def test_the_first_rule_raises_the_alert_the_moment_it_is_read() -> None:
    partition = Kept().read(PAY, out("w", at(1), 199_999)).take()
    assert partition.tasks == [], "an alert without a rule that holds"
    assert summary(partition.read(out("x", at(1, 13), 300_000)).take().tasks) == [
        ("2026-01-05", 1, "open", ["single_large"])
    ]


def test_an_alert_says_whose_money_left_and_why() -> None:
    (task,) = tasks_of(PAY, out("x", at(1), 300_000, balance_after=700_000))
    assert task.task_id == deterministic_id("a", NEW_PAYDAY, "outflow_alert")
    assert (task.kind, task.status, task.version) == ("outflow_alert", "open", 1)
    assert (task.account_id, task.customer_id, task.employer_id, task.currency) == ("a", "c", "e1", "CNY")
    assert task.cycle_payday == NEW_PAYDAY
    assert task.priority == 80
    (reason,) = task.reasons
    assert (reason.rule, reason.observed, reason.threshold, reason.event_id) == (
        "single_large",
        300_000,
        300_000,
        "x",
    )
    assert reason.habitual is None
    assert [(p.day, p.retained, p.balance) for p in task.curve] == [
        (0, "1.000000", None),
        (1, "0.700000", 700_000),
    ]
    assert (task.playbook.name, task.playbook.version) == (SHIPPED.playbook.name, SHIPPED.playbook.version)
    assert (task.segment, task.branch_id, task.pattern) == (None, None, None)


def test_deadlines_are_24_and_72_hours_after_the_posting() -> None:
    (task,) = tasks_of(*LARGE)
    assert task.created_at == when(1)
    assert task.first_contact_due == when(1) + 24 * HOUR
    assert task.close_due == task.expires_at == when(1) + 72 * HOUR


def test_a_profile_says_who_is_to_act() -> None:
    (task,) = tasks_of(PROFILE_LINE, *LARGE)
    assert (task.segment, task.branch_id, task.area, task.manager_id) == ("s", "b", "x", "m")


def test_the_second_rule_updates_the_same_task() -> None:
    first, second = tasks_of(*LARGE, out("y", at(2), 200_000))
    assert first.task_id == second.task_id, "a second task for one cycle"
    assert [reason.rule for reason in second.reasons] == ["single_large", "cumulative_large"]
    assert (second.version, second.status) == (2, "open")
    assert second.reasons[0] == first.reasons[0], "the first reason has changed"
    assert (second.reasons[1].observed, second.reasons[1].threshold) == (500_000, 500_000)
    assert second.first_contact_due == first.first_contact_due, "an update puts the first contact off"


def test_one_transfer_that_meets_both_rules_makes_one_version_with_both_reasons() -> None:
    assert summary(tasks_of(PAY, out("x", at(1), 500_000))) == [
        ("2026-01-05", 1, "open", ["single_large", "cumulative_large"]),
    ]


def test_a_late_credit_that_makes_two_transfers_large_makes_one_version() -> None:
    (task,) = tasks_of(out("x", at(1), 300_000), out("y", at(2), 200_000), PAY)
    assert [reason.event_id for reason in task.reasons] == ["x", "y"]
    assert task.created_at == when(2), "dated by the last transfer that it tells of"
    assert task.close_due == when(1) + 72 * HOUR, "due from the first one on"


def test_a_rule_that_has_held_says_nothing_a_second_time() -> None:
    more = [out(f"y{n}", at(3, n), 400_000) for n in range(5)]
    assert len(tasks_of(*LARGE, out("y", at(2), 200_000), *more)) == 2


def test_reading_out_of_order_raises_the_alert_as_soon_as_it_holds() -> None:
    partition = Kept().read(LARGE[1]).take()
    assert partition.tasks == [], "an alert before any pay"
    assert summary(partition.read(LARGE[0]).take().tasks) == [("2026-01-05", 1, "open", ["single_large"])]


def test_a_late_small_transfer_before_a_large_one_makes_the_sum_large() -> None:
    partition = Kept().read(PAY, out("y", at(2), 290_000)).take()
    assert partition.tasks == []
    (task,) = partition.read(out("x", at(1), 290_000)).take().tasks
    (reason,) = task.reasons
    assert (reason.rule, reason.event_id, reason.observed) == ("cumulative_large", "y", 580_000)
    assert task.created_at == when(2), "dated by what was read, not by the posting that met the rule"


def test_a_late_reversal_of_pay_raises_what_it_makes_large() -> None:
    bonus = credit("q", at(0, 13), 1_000_000)
    partition = Kept().read(PAY, bonus, out("x", at(1), 300_000)).take()
    assert partition.tasks == []
    undone = credit("r", at(0, 14), 1_000_000, reverses="q")
    assert summary(partition.read(undone).take().tasks) == [("2026-01-05", 1, "open", ["single_large"])]


def test_a_late_refund_raises_nothing() -> None:
    back = move("r", at(1, 11), 100_000, "in", "transfer", reverses="w")
    assert len(tasks_of(*LARGE, back)) == 1


def test_a_late_earlier_credit_moves_the_payday_and_supersedes_the_task() -> None:
    first, old, new = tasks_of(PAY, out("x", at(1), 400_000), credit("o", at(-1), 100))
    assert summary([first, old, new]) == [
        ("2026-01-05", 1, "open", ["single_large"]),
        ("2026-01-05", 2, "superseded", ["single_large"]),
        ("2026-01-04", 1, "open", ["single_large"]),
    ]
    assert old.task_id == first.task_id
    assert new.task_id != old.task_id
    assert old.created_at == when(-1), "superseded when the credit was read, dated by it"
    assert new.reasons[0].threshold == 300_030, "judged by the pay of the moved cycle"


def test_a_task_is_superseded_even_if_nothing_is_large_any_more() -> None:
    earlier = credit("o", at(-1), 9_000_000)
    assert summary(tasks_of(*LARGE, earlier))[1:] == [("2026-01-05", 2, "superseded", ["single_large"])]


def test_a_superseded_task_has_no_further_version() -> None:
    earlier = credit("o", at(-1), 9_000_000)
    more = [out("y", at(2), 9_000_000), credit("q", at(1), 5)]
    later = tasks_of(*LARGE, earlier, *more)[2:]
    assert {str(task.cycle_payday) for task in later} == {"2026-01-04"}


def test_a_late_credit_on_the_same_day_keeps_the_task() -> None:
    assert summary(tasks_of(*LARGE, credit("o", at(0, 3), 1))) == [
        ("2026-01-05", 1, "open", ["single_large"])
    ]


@pytest.mark.parametrize("day", [0, 7])
def test_the_window_has_eight_days(day: int) -> None:
    assert len(tasks_of(PAY, out("x", at(day, 23, 59), 300_000))) == 1


@pytest.mark.parametrize(("day", "hour"), [(8, 0), (20, 12), (40, 12), (-1, 12)])
def test_outside_the_window_there_is_no_alert(day: int, hour: int) -> None:
    assert tasks_of(PAY, out("x", at(day, hour), 900_000)) == []


def test_a_transfer_before_the_pay_counts_for_nothing() -> None:
    assert tasks_of(PAY, out("o", at(0, 11, 59), 900_000), out("x", at(1), 299_999)) == []


@pytest.mark.parametrize(
    "line",
    [
        move("x", at(1), 900_000, "out", "consumption"),
        move("x", at(1), 900_000, "out", "internal"),
        move("x", at(1), 900_000, "in", "transfer"),
        out("x", at(1), 900_000, reverses="w"),
        out("x", at(1), 900_000, **to("t", "OWN")),
    ],
)
def test_only_money_that_leaves_the_bank_raises_an_alert(line: dict[str, Any]) -> None:
    assert tasks_of(PAY, line, by=rules(bank={"code": "OWN"})) == []


def test_a_pay_that_is_undone_first_raises_nothing() -> None:
    undone = credit("r", at(0, 13), 1_000_000, reverses="p")
    assert tasks_of(PAY, undone, LARGE[1]) == []


def test_each_cycle_has_its_own_task() -> None:
    second = [credit("q", at(5), 1_000_000), out("y", at(6), 300_000)]
    raised = tasks_of(*LARGE, *second)
    assert summary(raised) == [
        ("2026-01-05", 1, "open", ["single_large"]),
        ("2026-01-10", 1, "open", ["single_large"]),
    ]
    assert raised[0].task_id != raised[1].task_id


def test_a_cycle_that_the_next_pay_has_cut_short_can_still_be_updated_by_a_late_transfer() -> None:
    second = credit("q", at(5), 1_000_000)
    assert summary(tasks_of(*LARGE, second, out("y", at(4), 200_000)))[1:] == [
        ("2026-01-05", 2, "open", ["single_large", "cumulative_large"])
    ]


def test_folding_in_between_changes_nothing() -> None:
    lines = [*LARGE, out("y", at(4), 150_000), out("z", at(6), 50_000)]
    folding = []
    for line in lines:
        folding += [tick(line["value"]["occurred_at"]), line]
    assert tasks_of(*folding) == tasks_of(*lines)
    assert len(tasks_of(*lines)) == 2


def test_a_task_that_is_final_gets_no_version_by_what_comes_later() -> None:
    partition = Kept().read(*LARGE).tick(when(9, 0) + 1)
    assert partition.accounts["a"].alerts == [], "an alert of a closed cycle is kept"
    partition.read(out("y", at(8, 1), 900_000), out("z", at(10), 900_000)).take()
    assert len(partition.tasks) == 1


@quick
@given(histories())
def test_the_versions_of_a_task_count_up_and_its_reasons_only_grow(history: dict[str, Any]) -> None:
    by = rules(bank={"timezone": history["timezone"], "code": history["bank_code"]})
    known: dict[str, Task] = {}
    for task in file_of(*history["lines"], until=None, by=by).tasks:
        before = known.get(task.task_id)
        assert task.version == (before.version + 1 if before else 1), "a version is missing or comes twice"
        if before is not None:
            if before.status == "superseded":
                assert before.ended_by == "cancelled" or task.reasons != before.reasons, (
                    "it came back unasked"
                )
                continue
            assert task.reasons[: len(before.reasons)] == before.reasons, "a reason has gone or changed"
        rule_names = [reason.rule for reason in task.reasons]
        assert len(rule_names) == len(set(rule_names)), "a reason comes twice"
        known[task.task_id] = task


@quick
@given(histories())
def test_one_event_gives_at_most_one_version_of_a_task(history: dict[str, Any]) -> None:
    kept = Kept(rules(bank={"timezone": history["timezone"], "code": history["bank_code"]}))
    for line in history["lines"]:
        before = len(kept.take().tasks)
        told = [task.task_id for task in kept.read(line).take().tasks[before:]]
        assert len(told) == len(set(told)), f"{line['value']} gave several versions of a task"


def test_a_payday_that_comes_back_does_not_repeat_a_version() -> None:
    # The 5th; then pay of the 3rd joins them; then pay of the 1st is so early that the 5th opens again.
    raised = tasks_of(*LARGE, credit("o", at(-2), 1), credit("n", at(-4), 1_000_000))
    versions = [(task.task_id, task.version) for task in raised]
    assert len(versions) == len(set(versions)), [format_instant(task.created_at) for task in raised]


@pytest.mark.parametrize("repeat", [1, 3])
@given(extra=st.sampled_from(["interest", "fee", "consumption", "cash", "investment"]))
def test_what_can_change_no_rule_makes_no_version(repeat: int, extra: str) -> None:
    noise = [move(f"n{n}", at(1, 13 + n), 500_000, "out", extra) for n in range(repeat)]
    assert len(tasks_of(*LARGE, *noise)) == 1
    assert record(noise[0]).key == b"a"
