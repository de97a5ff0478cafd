"""Control rows: what is in force and owned by no account, entries of their own in a partition's table (A5, A6).

They are written when they change. Their keys begin with a byte that no account_id may contain.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
from pydantic import ValidationError

from schemas.broadcasts import Broadcast, CalendarChange, LiveChange, PlaybookChange
from schemas.dead import Reason, Rejection
from schemas.expected import sentence
from schemas.instant import DAY
from schemas.playbook import FIRST_SCHEMA, PLAYBOOK_SCHEMA, Playbook, completed
from streams.playbook.rules import BEGINNING, CANCELLED, Edition, InForce, KnownCalendar, KnownLive
from streams.state.envelope import StateFormatError
from streams.state.keys import CONTROL

PLAYBOOKS: Final = CONTROL + b"playbooks"
CALENDARS: Final = CONTROL + b"calendars"
LIVES: Final = CONTROL + b"lives"
KEPT_FOR: Final = 500 * DAY
"""How long a playbook is kept once another holds: longer than any account that may name it (X7)."""
FORMAT: Final = 2
"""Format 1 of the playbooks, in which an edition did not say when it was asked to hold from, is read."""
CALENDARS_FORMAT: Final = 1
LIVES_FORMAT: Final = 1
FIXED: Final[dict[str, Callable[[Playbook], object]]] = {
    "bank.code": lambda book: book.bank.code,
    "bank.timezone": lambda book: book.bank.timezone,
    "accounting.allowed_lateness_hours": lambda book: book.accounting.allowed_lateness_hours,
}
"""What cannot change on a running log (B2): what was folded under it would have come out differently."""


class ControlFormatError(StateFormatError):
    """A control row, or a broadcast, of a version of the service that is newer than this one."""


class _Edition(msgspec.Struct, array_like=True):
    number: int
    since: int
    book: bytes
    asked: int | None = None


class _Playbooks(msgspec.Struct, array_like=True):
    format: int
    editions: list[_Edition]
    foreseen: bool = False


class _Calendars(msgspec.Struct, array_like=True):
    format: int
    calendars: list[tuple[int, bytes]]


class _Lives(msgspec.Struct, array_like=True):
    format: int
    lives: list[tuple[int, int]]


_LIVES_DECODER: Final = msgspec.msgpack.Decoder(_Lives)
_CALENDARS_DECODER: Final = msgspec.msgpack.Decoder(_Calendars)
_DECODER: Final = msgspec.msgpack.Decoder(_Playbooks)


def check_format(rows: str, found: int, known: int) -> None:
    """Raise ``ControlFormatError`` unless a row's format is the known one. ``rows``: what has it."""
    if found != known:
        raise ControlFormatError(f"{rows} format {found}, this version reads {known}")


def first_kept(since: Sequence[int], before: int) -> int:
    """Where what is still kept begins among values in the order in which they hold, each until the next: with the last
    that holds since ``before`` (microseconds) or longer. ``since``: from when on each holds."""
    return max((place for place, one in enumerate(since) if one <= before), default=0)


def in_force_of(stored: Mapping[bytes, bytes], first: Playbook) -> InForce:
    """What is in force by a partition's table; ``first``: the playbook where it has none yet. Raises
    ``ControlFormatError``."""
    calendars, lives = _calendars_of(stored), _lives_of(stored)
    value = stored.get(PLAYBOOKS)
    if value is None:
        unpublished = [Edition(0, BEGINNING, first, BEGINNING)]
        return InForce(unpublished, published=False, calendars=calendars, lives=lives)
    row = _DECODER.decode(value)
    if not 1 <= row.format <= FORMAT:
        raise ControlFormatError(f"the playbooks have format {row.format}, this version reads {FORMAT}")
    editions = [_edition_of(one) for one in row.editions]
    return InForce(editions, foreseen=row.foreseen, calendars=calendars, lives=lives)


def _edition_of(row: _Edition) -> Edition:
    asked = row.since if row.asked is None else row.asked
    # A row is not written anew by itself, so what its book has not came after it.
    book = Playbook.model_validate(completed(msgspec.json.decode(row.book), FIRST_SCHEMA))
    return Edition(row.number, row.since, book, asked)


def _calendars_of(stored: Mapping[bytes, bytes]) -> list[KnownCalendar]:
    value = stored.get(CALENDARS)
    if value is None:
        return []
    row = _CALENDARS_DECODER.decode(value)
    check_format("the calendars have", row.format, CALENDARS_FORMAT)
    return [(since, CalendarChange.model_validate_json(text)) for since, text in row.calendars]


def _lives_of(stored: Mapping[bytes, bytes]) -> list[KnownLive]:
    value = stored.get(LIVES)
    if value is None:
        return []
    row = _LIVES_DECODER.decode(value)
    check_format("the instants of going live have", row.format, LIVES_FORMAT)
    return row.lives


def rows_of(in_force: InForce) -> dict[bytes, bytes]:
    """The control rows that keep it."""
    rows = {PLAYBOOKS: _playbooks_row(in_force)} if in_force.published else {}
    if in_force.calendars:
        calendars = [(since, one.model_dump_json().encode()) for since, one in in_force.calendars]
        rows[CALENDARS] = msgspec.msgpack.encode(_Calendars(CALENDARS_FORMAT, calendars))
    if in_force.lives:
        rows[LIVES] = msgspec.msgpack.encode(_Lives(LIVES_FORMAT, in_force.lives))
    return rows


def _playbooks_row(in_force: InForce) -> bytes:
    editions = [
        _Edition(one.number, one.since, one.book.model_dump_json().encode(), one.asked)
        for one in in_force.editions
    ]
    return msgspec.msgpack.encode(_Playbooks(FORMAT, editions, in_force.foreseen))


def changed(in_force: InForce, change: Broadcast, clock: int | None) -> InForce | Rejection | None:
    """What is in force once a broadcast has been read at ``clock``, or why it is refused; None for one that is known
    already (B1, P8). Raises ``ControlFormatError`` for a form newer than is known."""
    if isinstance(change, PlaybookChange):
        return _with_playbook(in_force, change, clock)
    if isinstance(change, CalendarChange):
        return _with_calendar(in_force, change, clock)
    return _with_live(in_force, change, clock)


def _with_calendar(
    in_force: InForce, change: CalendarChange, clock: int | None
) -> InForce | Rejection | None:
    known = in_force.calendars[-1][1] if in_force.calendars else None
    if known == change:
        return None
    if known is not None and (known.code, known.version) == (change.code, change.version):
        detail = "calendar.version: is known with other days; publish these under a higher one"
        return Rejection(Reason.INVALID, detail)
    now = BEGINNING if clock is None else clock
    begun = first_kept([since for since, _ in in_force.calendars], now - KEPT_FOR)
    return in_force.but(calendars=[*in_force.calendars[begun:], (now, change)])


def _with_live(in_force: InForce, change: LiveChange, clock: int | None) -> InForce | None:
    # It is asked for what is created at an instant: what was known then decides (A6).
    known = in_force.lives
    if known and known[-1][1] == change.since:
        return None
    now = BEGINNING if clock is None else clock
    begun = first_kept([read_at for read_at, _ in known], now - KEPT_FOR)
    return in_force.but(lives=[*known[begun:], (now, change.since)])


def _with_playbook(
    in_force: InForce, change: PlaybookChange, clock: int | None
) -> InForce | Rejection | None:
    # The first that is published holds from the beginning, over older state from the clock on (B4).
    if change.schema_number > PLAYBOOK_SCHEMA:
        raise ControlFormatError(
            f"a playbook of schema {change.schema_number} was published, this version knows {PLAYBOOK_SCHEMA}: "
            "run the version that published it"
        )
    if change.first and in_force.published and not in_force.foreseen:
        return None
    book = book_of(change)
    if isinstance(book, Rejection):
        return book
    is_first = not in_force.published
    # What held before was the same: no other edition, so that a backtest from the beginning names the same one.
    if is_first and (clock is None or book == in_force.editions[0].book):
        return in_force.but(editions=[Edition(0, BEGINNING, book, change.since)])
    known = in_force.editions
    now = BEGINNING if clock is None else clock
    if in_force.foreseen and (known[-1].book, known[-1].asked) == (book, change.since):
        return in_force.but(foreseen=False)  # here is its record
    if not is_first and any(
        one.book == book and one.asked == change.since for one in _in_force_or_next(known, now)
    ):
        return None
    for name, value in FIXED.items():
        if value(book) != value(known[0].book):
            return Rejection(Reason.INVALID, f"playbook.{name}: cannot change on a running log")
    since = now if is_first else max(now, change.since)
    kept = [one._replace(since=CANCELLED) if one.since > now else one for one in known]
    # An edition goes once the one after it has held for so long that no account can name it any more.
    kept = kept[first_kept([one.since for one in kept], now - KEPT_FOR) :]
    editions = [*kept, Edition(known[-1].number + 1, since, book, change.since)]
    return in_force.but(editions=editions)


def _in_force_or_next(editions: list[Edition], now: int) -> list[Edition]:
    begun = [one for one in editions if one.since <= now]
    return [*begun[-1:], *(one for one in editions if now < one.since < CANCELLED)]


def book_of(change: PlaybookChange) -> Playbook | Rejection:
    """The playbook of a broadcast, or why it is not valid, or not whole by its form (B1)."""
    values = completed(change.playbook, change.schema_number)
    try:
        book = Playbook.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return Rejection(Reason.INVALID, f"playbook.{sentence(Playbook, first, first['loc'])}")
    for name, part in book.model_dump().items():
        absent = name not in values
        missing = [] if absent or not isinstance(part, dict) else sorted(part.keys() - values[name].keys())
        if absent or missing:
            field = ".".join(["playbook", name, *missing[:1]])
            return Rejection(Reason.INVALID, f"{field}: is missing; a playbook is published whole")
    return book
