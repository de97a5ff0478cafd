"""An account with more postings than may wait: the fast word, its table, its row (R11, O4)."""

from datetime import date
from typing import Final

import msgspec

from streams.fast.facts.base import ENDING_COLUMNS, FastAccountFact, FastPlaybookRef
from streams.fast.rows import LandedRow, Table, day, instant


class FastHotAccount(FastAccountFact, gc=False):
    """See ``schemas.facts.HotAccount``; ``folded_to`` as text."""

    day: date
    pending_limit: int
    folded_to: str
    playbook: FastPlaybookRef


TABLE: Final = Table(
    "hot_account", (*("account_id", "day", "pending_limit", "folded_to"), *ENDING_COLUMNS), year_of="day"
)
_read: Final = msgspec.json.Decoder(FastHotAccount).decode


def rows(value: bytes, offset: int) -> list[LandedRow]:
    """One row an account and day."""
    hot = _read(value)
    about = (hot.account_id, day("day", hot.day), hot.pending_limit, instant("folded_to", hot.folded_to))
    return [LandedRow(TABLE.name, (*about, hot.fact_id, hot.playbook.name, hot.playbook.version, offset))]
