"""``paytide calendar publish``: the workdays of a country, for every worker (P8)."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import click

from agents.broadcasting import broadcast
from agents.cli.errors import quiet
from agents.cli.given import given_settings
from agents.cli.running import run
from agents.cli.values import DAY, TEXT
from schemas.broadcasts import CalendarChange
from streams.calendar.workdays import calendar_for

YEARS_BACK: Final = 2
YEARS_AHEAD: Final = 3
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@click.group(help="The calendar: which days are worked.")
def command() -> None:
    """Commands on the calendar."""


@command.command(help="Publish the workdays of a country to every worker.")
@click.option("--code", default="CN", show_default=True, type=TEXT, help="Country code, such as CN or CZ.")
@click.option(
    "--version", type=click.IntRange(1, 10**9), help="Of the calendar; default: today, as 20260105."
)
@click.option("--valid-until", type=DAY, help="The last day that is known; default: what the library knows.")
def publish(code: str, version: int | None, valid_until: date | None) -> None:
    """Make, write to the log."""
    settings, today = given_settings(), datetime.now(UTC).date()
    try:
        calendar = calendar_of(code, version or int(f"{today:%Y%m%d}"), today, valid_until)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    with quiet("aiokafka"):
        count = run(broadcast(settings, calendar))
    click.echo(f"{code}, version {calendar.version}, valid to {calendar.valid_until}; to {count} partitions")


def calendar_of(code: str, version: int, today: date, valid_until: date | None = None) -> CalendarChange:
    """The workdays of a country from two years before ``today`` on, as far as they are known, but for at most three
    years ahead. Raises ``ValueError`` for a country or an end that is not known."""
    known = calendar_for(code)
    first = max(known.valid_from(), date(today.year - YEARS_BACK, 1, 1))
    last = min(known.valid_until(), date(today.year + YEARS_AHEAD, 12, 31))
    if code == "CN":
        last = last.replace(day=28)  # the next year's notice may still rule the days after it
    if valid_until is not None:
        if not first <= valid_until <= known.valid_until():
            raise ValueError(f"{code} is known from {first} to {known.valid_until()}")
        last = valid_until
    days = [first + n * _DAY for n in range((last - first).days + 1)]
    return CalendarChange(
        code=code,
        version=version,
        rest_days=[day for day in days if day.weekday() < _SATURDAY and not known.is_workday(day)],
        make_up_days=[day for day in days if day.weekday() >= _SATURDAY and known.is_workday(day)],
        valid_until=last,
    )
