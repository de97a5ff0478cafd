"""Values of options, checked where they are given."""

from datetime import UTC, date, datetime
from math import isfinite
from pathlib import Path
from typing import Any, Final

import click

from schemas.instant import MINUTE, from_datetime, parse_instant

AHEAD: Final = 5 * MINUTE
"""How far ahead what is to hold from an instant on must be said."""


class InstantValue(click.ParamType):
    """RFC 3339 text → microseconds."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See ``click.ParamType``."""
        if isinstance(value, int):
            return value
        try:
            return parse_instant(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class AheadValue(InstantValue):
    """An instant from which on something holds, far enough ahead for every worker to have read it before (B1)."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See ``click.ParamType``."""
        instant = super().convert(value, param, ctx)
        if instant < from_datetime(datetime.now(UTC)) + AHEAD:
            self.fail("must be at least 5 minutes from now", param, ctx)
        return instant


class DayValue(click.ParamType):
    """A date between 1900 and 8990, so that no simulation leaves the calendar."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """See ``click.ParamType``."""
        if isinstance(value, date):
            return value
        try:
            day = datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            self.fail("not a date of the form 2026-01-05", param, ctx)
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            self.fail(f"the year must be between {_FIRST_YEAR} and {_LAST_YEAR}", param, ctx)
        return day


class SecondsValue(click.FloatRange):
    """A finite number of seconds, 0 or more."""

    name = "seconds"

    def __init__(self) -> None:
        super().__init__(min=0)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """See ``click.ParamType``."""
        number = float(super().convert(value, param, ctx))
        if not isfinite(number):
            self.fail("not a number of seconds", param, ctx)
        return number


class TextValue(click.ParamType):
    """Text with something in it, and no control characters."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See ``click.ParamType``."""
        text = str(value)
        if not text.strip() or not text.isprintable():
            self.fail("empty, or with characters that cannot be printed", param, ctx)
        return text


class FolderValue(click.Path):
    """A folder to write to. An empty text is none: it would mean the working directory."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See ``click.ParamType``."""
        if not str(value).strip():
            self.fail("empty; name a directory", param, ctx)
        return super().convert(value, param, ctx)


_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 8990
INSTANT: Final = InstantValue()
AHEAD_INSTANT: Final = AheadValue()
DAY: Final = DayValue()
FOLDER: Final = FolderValue()
SECONDS: Final = SecondsValue()
TEXT: Final = TextValue()
