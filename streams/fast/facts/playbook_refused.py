"""A playbook that a partition has refused: the fast word, its table, its row (B1, O4)."""

from typing import Final

import msgspec

from streams.fast.facts.base import ENDING_COLUMNS, FastFact, FastPlaybookRef
from streams.fast.rows import LandedRow, Table, instant, instant_or_none


class FastPlaybookRefused(FastFact, gc=False):
    """See ``schemas.facts.PlaybookRefused``; instants as text."""

    partition: int
    since: str
    at: str | None
    detail: str
    playbook: FastPlaybookRef | None


TABLE: Final = Table("playbook_refused", ("partition", "since", "at", "detail", *ENDING_COLUMNS))
_read: Final = msgspec.json.Decoder(FastPlaybookRefused).decode


def rows(value: bytes, offset: int) -> list[LandedRow]:
    """One row a refusal."""
    refused = _read(value)
    playbook = refused.playbook
    name, version = (None, None) if playbook is None else (playbook.name, playbook.version)
    when = (instant("since", refused.since), instant_or_none("at", refused.at))
    return [
        LandedRow(
            TABLE.name,
            (refused.partition, *when, refused.detail, refused.fact_id, name, version, offset),
        )
    ]
