"""The calendar that is published is the library's, day by day (P8)."""

from datetime import date, timedelta

import pytest

from agents.cli.calendar import calendar_of
from schemas.decode import decode
from schemas.topics import MAX_VALUE_BYTES
from streams.calendar.workdays import calendar_for

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize("code", ["CN", "CZ", "EG"])
def test_what_is_published_tells_every_day_as_the_library_does(code: str) -> None:
    made, known = calendar_of(code, 1, TODAY), calendar_for(code)
    day = date(TODAY.year - 2, 1, 1)
    while day <= made.valid_until:
        works = day in made.make_up_days or (day.weekday() < 5 and day not in made.rest_days)
        assert works == known.is_workday(day), f"{day} differs"
        day += timedelta(days=1)


def test_a_chinese_year_is_valid_to_28_december_until_the_next_notice_is_out() -> None:
    assert calendar_of("CN", 1, TODAY).valid_until == date(2026, 12, 28)
    assert calendar_of("CN", 1, TODAY, date(2026, 12, 31)).valid_until == date(2026, 12, 31)


def test_a_calendar_fits_into_a_record_and_comes_back_as_it_was() -> None:
    made = calendar_of("EG", 20261127, TODAY)  # every Friday and every Sunday is told
    value = made.model_dump_json().encode()
    assert len(value) < MAX_VALUE_BYTES
    assert decode(value) == made


@pytest.mark.parametrize("end", [date(2004, 1, 1), date(2050, 1, 1)])
def test_an_end_that_is_not_known_is_refused(end: date) -> None:
    with pytest.raises(ValueError, match="is known from"):
        calendar_of("CN", 1, TODAY, end)
