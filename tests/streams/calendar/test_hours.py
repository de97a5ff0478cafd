"""An hour that comes once a local day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instant import HOUR, from_datetime, parse_instant
from streams.calendar.days import Days
from streams.calendar.hours import DailyHour

ZONES = ["Asia/Shanghai", "Europe/Prague", "America/St_Johns", "Australia/Lord_Howe"]


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        ("2026-03-28", "2026-03-28T03:00:00Z"),
        ("2026-03-29", "2026-03-29T02:00:00Z"),
        ("2026-10-25", "2026-10-25T03:00:00Z"),
    ],
)
def test_four_o_clock_is_four_o_clock_when_clocks_have_changed_in_the_night(day: str, instant: str) -> None:
    four = DailyHour("Europe/Prague", 4)
    assert four.instant(date.fromisoformat(day).toordinal()) == parse_instant(instant)


def test_an_hour_that_clocks_skip_is_the_one_that_would_have_been() -> None:
    two = DailyHour("Europe/Prague", 2).instant(date(2026, 3, 29).toordinal())
    assert two == parse_instant("2026-03-29T01:00:00Z")


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),
    st.sampled_from([timedelta(), timedelta(microseconds=1), -timedelta(microseconds=1)]),
    st.booleans(),
)
def test_the_day_after_an_instant_is_the_first_whose_hour_is_later(
    zone: str, moment: datetime, off: timedelta, at_four: bool
) -> None:
    local = moment.replace(tzinfo=ZoneInfo(zone))
    if at_four:
        local = local.replace(hour=4, minute=0, second=0, microsecond=0)
    instant = from_datetime(local) + off // timedelta(microseconds=1)
    four = DailyHour(zone, 4)
    day = four.day_after(instant)
    assert four.instant(day - 1) <= instant < four.instant(day)
    assert Days(zone).hour(four.instant(day)) == 4
    assert four.instant(day) - instant <= 25 * HOUR
