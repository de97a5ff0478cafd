"""A playbook that a partition has taken: the fast word, its table, its row (B1, O4)."""

from typing import Final

import msgspec

from streams.fast.facts.base import ENDING_COLUMNS, FastFact, FastPlaybookRef
from streams.fast.rows import LandedRow, Table, instant_or_none


class FastPlaybookInForce(FastFact, gc=False):
    """See ``schemas.facts.PlaybookInForce``; instants as text."""

    partition: int
    number: int
    since: str | None
    at: str | None
    playbook: FastPlaybookRef


TABLE: Final = Table("playbook_in_force", ("partition", "number", "since", "at", *ENDING_COLUMNS))
_read: Final = msgspec.json.Decoder(FastPlaybookInForce).decode


def rows(value: bytes, offset: int) -> list[LandedRow]:
    """One row a playbook and partition."""
    taken = _read(value)
    playbook = taken.playbook
    when = (instant_or_none("since", taken.since), instant_or_none("at", taken.at))
    known_by = (taken.fact_id, playbook.name, playbook.version, offset)
    return [LandedRow(TABLE.name, (taken.partition, taken.number, *when, *known_by))]
