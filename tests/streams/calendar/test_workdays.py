from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.calendar.workdays import Calendar, Shift, calendar_for

CN = calendar_for("CN")
DAYS = st.dates(date(2004, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),  # a Saturday made up for the Spring Festival
        (date(2026, 2, 16), False),  # a Monday within it
        (date(2026, 2, 28), True),  # another Saturday made up
        (date(2026, 3, 1), False),
        (date(2026, 10, 8), True),
    ],
)
def test_chinese_workdays(day: date, works: bool) -> None:
    assert CN.is_workday(day) is works


@given(DAYS)
def test_china_is_what_its_package_says(day: date) -> None:
    assert CN.is_workday(day) is chinese_calendar.is_workday(day)


def test_china_says_how_far_it_knows() -> None:
    assert CN.valid_until() >= date(2026, 12, 31)
    assert CN.is_certain(CN.valid_until())
    assert not CN.is_certain(CN.valid_until() + timedelta(days=1))
    assert not CN.is_certain(date(2003, 12, 31))


def test_beyond_its_range_china_knows_weekends_only() -> None:
    far = date(CN.valid_until().year + 4, 10, 1)
    week = [far + timedelta(days=n) for n in range(7)]
    assert [CN.is_workday(day) for day in week] == [day.weekday() < 5 for day in week]


@pytest.mark.parametrize(
    ("how", "expected"),
    [("earlier", date(2026, 2, 14)), ("later", date(2026, 2, 24)), ("none", date(2026, 2, 15))],
)
def test_shift_over_the_spring_festival(how: Shift, expected: date) -> None:
    assert CN.shift(date(2026, 2, 15), how) == expected


@given(DAYS, st.sampled_from(["earlier", "later"]))
def test_a_shifted_day_is_a_workday_and_a_workday_stays(day: date, how: Shift) -> None:
    shifted = CN.shift(day, how)
    assert CN.is_workday(shifted)
    assert (shifted == day) is CN.is_workday(day)


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        (date(2026, 2, 24), -3, date(2026, 2, 12)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 2, 15), 0, date(2026, 2, 15)),
    ],
)
def test_add_workdays(day: date, n: int, expected: date) -> None:
    assert CN.add_workdays(day, n) == expected


@given(DAYS, st.integers(1, 30))
def test_workdays_forth_and_back(day: date, n: int) -> None:
    start = CN.shift(day, "later")
    assert CN.add_workdays(CN.add_workdays(start, n), -n) == start


@pytest.fixture
def czech() -> Calendar:
    return calendar_for("CZ")


def test_another_country_has_its_own_holidays(czech: Calendar) -> None:
    assert not czech.is_workday(date(2026, 5, 1))
    assert not czech.is_workday(date(2026, 5, 2))
    assert czech.is_workday(date(2026, 5, 4))
    assert czech.shift(date(2026, 5, 1), "later") == date(2026, 5, 4)


def test_another_country_has_its_own_weekend() -> None:
    assert calendar_for("IL").is_workday(date(2026, 1, 11))  # a Sunday
    assert not calendar_for("IL").is_workday(date(2026, 1, 10))


def test_another_country_beyond_its_range(czech: Calendar) -> None:
    assert not czech.is_certain(czech.valid_until() + timedelta(days=1))
    assert czech.is_workday(date(2175, 5, 1))  # a Monday that would be a holiday


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ValueError, match="no calendar for 'XX'"):
        calendar_for("XX")
