"""How far a record moves its partition's clock, told before it is applied: on the way the clock still stops (F1)."""

from collections.abc import Callable
from typing import Final, cast

from schemas.decode import check_key
from schemas.events import PayrollCredit, Tick, Transfer
from streams.fast.decode import Read
from streams.fast.events import FastCredit, FastTransfer
from streams.journal.eventsfile import Line
from streams.journal.partition import MILLISECOND
from streams.pipeline import FUTURE
from streams.state.posting import PostingEvent

POSTINGS: Final[frozenset[type]] = frozenset({FastTransfer, FastCredit, Transfer, PayrollCredit})


def instant_of(event: Read, *, ticking: bool) -> int | None:
    """The instant (microseconds) that the clock moves on to with an event, unless it is refused; None for one that
    moves none. ``ticking``: whether ticks alone do."""
    if type(event) in POSTINGS:  # not isinstance, which asks pydantic's classes one after the other
        return None if ticking else cast(PostingEvent, event).occurred_at
    return event.instant if type(event) is Tick else None


def is_refused(line: Line, event: Read, *, any_key: bool, is_ours: Callable[[bytes], bool] | None) -> bool:
    """Whether an event that has an instant is refused before the clock moves. ``any_key``: its topic may have none;
    ``is_ours``: as in ``streams.journal.partition``."""
    if isinstance(event, Tick):
        timestamp = line.timestamp
        return timestamp is not None and event.instant > timestamp * MILLISECOND + FUTURE
    if type(event) not in POSTINGS:
        return True
    posting = cast(PostingEvent, event)
    if check_key(line.key, posting, may_be_null=any_key) is not None:
        return True
    return is_ours is not None and not is_ours(line.key or posting.account_id.encode())
