"""Instants: RFC 3339 with an offset outside, microseconds inside, and nothing else is let in (J4)."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.instant import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Instant,
    LocalDate,
    format_instant,
    from_datetime,
    parse_instant,
    to_datetime,
)

thorough = settings(max_examples=300, deadline=None)
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
# The years end in UTC: what is drawn there and moved to an offset may lie a day outside them by its own calendar.
moments = st.builds(
    datetime.astimezone,
    st.datetimes(datetime(1900, 1, 1), datetime(8999, 12, 31, 23, 59, 59, 999_999), timezones=st.just(UTC)),
    offsets,
)
instants = st.integers(parse_instant("1901-01-01T00:00:00Z"), parse_instant("8998-01-01T00:00:00Z"))
INSTANT: TypeAdapter[int] = TypeAdapter(Instant)
DATE: TypeAdapter[date] = TypeAdapter(LocalDate)


def exact(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@thorough
@given(moments)
def test_any_offset_gives_the_same_instant(moment: datetime) -> None:
    assert parse_instant(moment.isoformat()) == exact(moment)
    assert from_datetime(moment) == exact(moment)


@thorough
@given(moments, st.booleans())
def test_an_offset_may_lack_its_colon_as_java_writes_it(moment: datetime, whole: bool) -> None:
    moment = moment.replace(microsecond=0) if whole else moment
    text = moment.isoformat()
    for _ in "slow", "fast":  # the second time its parts may be known
        assert parse_instant(text[:-3] + text[-2:]) == exact(moment)


@thorough
@given(moments)
def test_an_offset_of_whole_hours_may_lack_its_minutes(moment: datetime) -> None:
    text = moment.astimezone(timezone(timedelta(hours=8))).isoformat()
    assert text.endswith("+08:00")
    for _ in "slow", "fast":
        assert parse_instant(text[:-3]) == exact(moment)


@thorough
@given(instants)
def test_what_is_written_is_read_back(instant: int) -> None:
    text = format_instant(instant)
    assert text.endswith("Z"), "written without its offset"
    assert parse_instant(text) == instant
    assert from_datetime(to_datetime(instant)) == instant


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-01-05T09:00:00+08:00", "2026-01-05T01:00:00Z"),
        ("2026-01-05T01:00:00.5Z", "2026-01-05T01:00:00.500000Z"),
        ("2026-01-05t01:00:00z", "2026-01-05T01:00:00Z"),
        ("2026-01-05 01:00:00-00:00", "2026-01-05T01:00:00Z"),
        ("2026-01-05T01:00:00.1234569Z", "2026-01-05T01:00:00.123456Z"),
        ("2026-01-05T09:00:00+0800", "2026-01-05T01:00:00Z"),
        ("2026-01-05T09:00:00+08", "2026-01-05T01:00:00Z"),
        ("2026-01-04T22:30:00.25-0230", "2026-01-05T01:00:00.250000Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ("2026-01-05T01:00:00." + "9" * 5_000 + "Z", "2026-01-05T01:00:00.999999Z"),
    ],
)
def test_instants_that_are_accepted(text: str, written: str) -> None:
    assert format_instant(parse_instant(text)) == written


REFUSED = [
    "2026-01-05T09:00:00",  # naive
    "2026-01-05",
    "2026-01-05T09:00Z",
    "2026-01-05T09Z",
    "2026-1-5T09:00:00Z",
    "20260105T090000Z",
    "2026-W02-1T09:00:00Z",
    "2026-01-05T09:00:00+8",
    "2026-01-05T09:00:00+080",
    "2026-01-05T09:00:00+08:",
    "2026-01-05T09:00:00+08:0",
    "2026-01-05T09:00:00+08:60",
    "2026-01-05T09:00:00+0860",
    "2026-01-05T09:00:00+2400",
    "2026-01-05T09:00:00Z0800",
    "2026-01-05T09:00:00+08:00:30",
    "2026-01-05T09:00:00,5Z",
    "2026-01-05T09:00:00.Z",
    "2026-01-05T09:00:00Z ",
    " 2026-01-05T09:00:00Z",
    "2026-01-05T09:00:00Z\n",
    "2026-01-05X09:00:00Z",
    "2026-13-05T09:00:00Z",
    "2026-02-30T09:00:00Z",
    "2026-01-05T24:00:00Z",
    "2026-01-05T25:00:00Z",
    "2026-12-31T23:59:60Z",
    "2026-01-05T09:00:00+24:00",
    "\u0662\u0660\u0662\u0666-01-05T09:00:00Z",
    "1899-12-31T23:59:59Z",
    "9000-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "1900-01-01T00:00:00+08:00",
    "8999-12-31T23:59:59-08:00",
    "",
    "now",
]


@pytest.mark.parametrize("text", REFUSED)
def test_text_that_is_no_instant_is_refused(text: str) -> None:
    # The messages are our own and constant: the value may be personal data.
    with pytest.raises(ValueError, match=r"^(not an RFC 3339|the year must be between)"):
        parse_instant(text)


@pytest.mark.parametrize("value", [None, 0, 1_767_574_800, 1.5, True, b"2026-01-05T09:00:00Z", []])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_instant(value)


@pytest.mark.parametrize("text", ["1900-01-01T08:00:00+08:00", "8999-12-31T15:59:59-08:00"])
def test_every_instant_that_is_accepted_can_be_written_and_read_again(text: str) -> None:
    instant = parse_instant(text)
    assert parse_instant(format_instant(instant)) == instant


def test_units() -> None:
    assert (SECOND, MINUTE, HOUR, DAY) == (10**6, 60 * 10**6, 3_600 * 10**6, 86_400 * 10**6)


def test_a_field_is_text_in_json_and_a_number_in_python() -> None:
    assert INSTANT.validate_json('"1970-01-01T00:00:01Z"') == SECOND
    assert INSTANT.validate_python(SECOND) == SECOND
    assert INSTANT.dump_json(SECOND) == b'"1970-01-01T00:00:01Z"'
    with pytest.raises(ValidationError):
        INSTANT.validate_json("1000000")
    with pytest.raises(ValidationError):
        INSTANT.validate_python("1970-01-01T00:00:01Z")


@thorough
@given(st.dates())
def test_a_local_date_goes_there_and_back(day: date) -> None:
    assert DATE.validate_json(DATE.dump_json(day)) == day


@pytest.mark.parametrize(
    "text", ["20260105", "2026-01-05T00:00:00", "2026-1-5", "2026-02-30", "2026-W02-1", "", "\u0662026-01-05"]
)
def test_text_that_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        DATE.validate_json(f'"{text}"')


def test_json_schema_says_what_they_are() -> None:
    instant, day = INSTANT.json_schema(), DATE.json_schema()
    assert (instant["type"], instant["format"]) == ("string", "date-time")
    assert "RFC 3339" in instant["description"], "a producer is not told which form is meant"
    assert (day["type"], day["format"]) == ("string", "date")
    assert "2026-01-05" in day["description"]
