"""Local days agree with datetime and zoneinfo in every zone, whatever its clocks have done (R1)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.instant import DAY, HOUR, SECOND, from_datetime, parse_instant, to_datetime
from streams.calendar.days import Days, to_date
from tests.streams.builders import thorough

ZONES = (
    "Asia/Shanghai",
    "Europe/Prague",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "America/New_York",
    "UTC",
)
DAYS = {name: Days(name) for name in ZONES}
"""One for the whole module: what it remembers from one instant must not spoil the next."""

# Where the clocks of those zones were turned, so that the search looks there too.
TURNS = (
    datetime(2018, 11, 4, 3, tzinfo=UTC),  # São Paulo: midnight does not exist
    datetime(2018, 2, 18, 2, tzinfo=UTC),  # São Paulo: 23:00 comes twice
    datetime(1940, 5, 31, 16, tzinfo=UTC),  # Shanghai, at midnight
    datetime(1940, 10, 12, 15, tzinfo=UTC),
    datetime(1948, 9, 30, 15, tzinfo=UTC),
    datetime(1900, 12, 31, 15, 54, 17, tzinfo=UTC),  # Shanghai leaves local mean time, inside a quarter
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Prague
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia: a whole day does not exist
)
anywhere = st.integers(
    from_datetime(datetime(1900, 1, 2, tzinfo=UTC)), from_datetime(datetime(2100, 1, 1, tzinfo=UTC))
)
near_a_turn = st.builds(
    lambda turn, off: from_datetime(turn) + off,
    st.sampled_from(TURNS),
    st.one_of(
        st.integers(-2, 2), st.integers(-26 * HOUR, 26 * HOUR), st.integers(-900 * SECOND, 900 * SECOND)
    ),
)
instants = st.one_of(anywhere, near_a_turn)


@thorough
@given(st.sampled_from(ZONES), instants)
def test_the_day_and_the_hour_are_what_zoneinfo_says(zone: str, instant: int) -> None:
    local = to_datetime(instant).astimezone(ZoneInfo(zone))
    days = DAYS[zone]
    assert days.ordinal(instant) == local.toordinal(), f"{local} falls on another day"
    assert days.hour(instant) == local.hour, f"{local} is another hour"


@thorough
@given(st.sampled_from(ZONES), instants)
@example("America/Sao_Paulo", from_datetime(datetime(2018, 11, 4, 3, tzinfo=UTC)))
@example("America/Sao_Paulo", from_datetime(datetime(2018, 11, 4, 3, tzinfo=UTC)) - 1)
def test_an_instant_lies_between_its_midnight_and_the_next(zone: str, instant: int) -> None:
    days = DAYS[zone]
    day = days.ordinal(instant)
    assert days.midnight(day) <= instant < days.midnight(day + 1), f"not within {date.fromordinal(day)}"


@thorough
@given(st.sampled_from(ZONES), instants)
def test_a_day_begins_where_the_day_before_ends(zone: str, instant: int) -> None:
    days = DAYS[zone]
    day = days.ordinal(instant)
    begins = days.midnight(day)
    assert days.ordinal(begins) == day, "its first microsecond is not in the day"
    assert days.ordinal(begins - 1) < day, "the microsecond before is in the day already"


@thorough
@given(st.sampled_from(ZONES), st.dates(date(1901, 1, 1), date(2100, 1, 1)))
def test_midnight_is_what_zoneinfo_says(zone: str, day: date) -> None:
    expected = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert to_datetime(DAYS[zone].midnight(day.toordinal())) == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Prague", date(2026, 3, 29), 23),
        ("Europe/Prague", date(2026, 10, 25), 25),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("Asia/Shanghai", date(2026, 3, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(zone: str, day: date, hours: int) -> None:
    days = DAYS[zone]
    assert days.midnight(day.toordinal() + 1) - days.midnight(day.toordinal()) == hours * HOUR


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Sao_Paulo"])
def test_what_is_remembered_is_right_on_both_sides_of_a_turn(zone: str) -> None:
    # Asking in order, then backwards, through one Days that starts empty.
    days = Days(zone)
    for turn in TURNS:
        start = from_datetime(turn) - HOUR
        minutes = range(start, start + 2 * HOUR, 60 * SECOND)
        for instant in [*minutes, *reversed(minutes)]:
            local = to_datetime(instant).astimezone(ZoneInfo(zone))
            assert (days.ordinal(instant), days.hour(instant)) == (local.toordinal(), local.hour), local


def test_memory_is_bounded() -> None:
    days = Days("Europe/Prague", remembered=10)
    for day in range(100):
        days.ordinal(day * DAY)
        days.midnight(719_163 + day)
        assert len(days._offsets) <= 11, "offsets are remembered without end"
        assert len(days._midnights) <= 11, "midnights are remembered without end"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("text", ["1900-01-01T23:59:00+23:59", "8999-12-31T00:00:59-23:59"])
def test_the_first_and_the_last_instant_of_a_posting_leave_room_for_the_calendar(
    zone: str, text: str
) -> None:
    instant, days = parse_instant(text), DAYS[zone]
    for later in (instant, instant + 500 * DAY):
        day = days.ordinal(later)
        assert days.midnight(day) <= later < days.midnight(day + 70)


def test_an_ordinal_is_a_date() -> None:
    day = date(2026, 1, 5)
    assert to_date(day.toordinal()) == day
    assert to_date(day.toordinal() + 27) == day + timedelta(days=27)
