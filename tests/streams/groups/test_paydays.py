"""Dates → paydays and the head count (P1)."""

import pytest

from streams.groups.paydays import GroupPayday, paydays
from streams.groups.state import ClosedSums, PaydaySums


def of(heads: dict[int, int], merge_days: int = 3, head_count: int = 0) -> list[GroupPayday]:
    return paydays({day: PaydaySums(some, some * 10) for day, some in heads.items()}, merge_days, head_count)


def test_nobody_was_paid() -> None:
    assert of({}) == of({7: 0}) == []


def test_a_date_joins_the_payday_whose_first_date_is_fewer_than_merge_days_before_it() -> None:
    found = of({10: 1, 12: 1, 13: 1, 15: 1, 16: 1})
    assert [(one.first, one.heads) for one in found] == [(10, 2), (13, 2), (16, 1)]


@pytest.mark.parametrize(
    ("heads", "date"), [({10: 1, 11: 3, 12: 2}, 11), ({10: 2, 11: 2}, 10), ({10: 1, 12: 2, 11: 2}, 11)]
)
def test_a_payday_s_date_is_the_most_frequent_and_the_earliest_on_ties(
    heads: dict[int, int], date: int
) -> None:
    assert [one.date for one in of(heads)] == [date]


def test_a_payday_counts_once_more_than_half_of_the_head_count_were_paid() -> None:
    assert [one.counted for one in of({10: 5}, head_count=10)] == [False]
    assert [one.counted for one in of({10: 6}, head_count=10)] == [True]


def test_the_first_payday_counts() -> None:
    assert [(one.counted, one.head_count) for one in of({10: 1})] == [(True, 1)]


def test_the_head_count_rises_at_once_and_falls_by_a_quarter_at_most() -> None:
    assert [one.head_count for one in of({10: 100, 40: 60, 70: 20, 100: 200})] == [100, 75, 75, 200]


def test_closed_cycles_of_a_date_that_was_left_belong_to_the_payday_around_it() -> None:
    left = PaydaySums(0, 0, {}, ClosedSums(count=4))
    [payday] = paydays({10: PaydaySums(2, 20), 11: left}, 3, 0)
    assert (payday.heads, payday.closed.count) == (2, 4)
