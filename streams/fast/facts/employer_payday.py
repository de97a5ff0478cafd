"""A payday of an employer: the fast word, its table, its row (E6, O4)."""

from datetime import date
from typing import Final

import msgspec

from schemas.groups import EMPLOYER
from streams.fast.facts.base import ENDING_COLUMNS, FastFact, FastPlaybookRef
from streams.fast.rows import LandedRow, Table, day, instant


class FastCoverage(msgspec.Struct, gc=False):
    """See ``schemas.facts.Coverage``."""

    known: int
    products: int
    three: int
    five: int


class FastEmployerPayday(FastFact, gc=False):
    """See ``schemas.facts.EmployerPayday``; ``at`` as text."""

    version: int
    at: str
    employer_id: str
    payday: date
    heads: int
    pay: int
    counted: bool
    head_count: int
    closed: int
    closed_pay: int
    kept: int
    moved_out: int
    retention: str | None
    loyal: int
    transfer_out: int
    spend_down: int
    newly_movers: int
    coverage: FastCoverage
    expected: date | None
    playbook: FastPlaybookRef

    @property
    def key(self) -> bytes:
        """The group's."""
        return (EMPLOYER + self.employer_id).encode()


TABLE: Final = Table(
    "employer_payday",
    (
        *("employer_id", "payday", "at", "heads", "pay", "counted", "head_count"),
        *("closed", "closed_pay", "kept", "moved_out", "retention"),
        *("loyal", "transfer_out", "spend_down", "newly_movers"),
        *("products_known", "products", "three_products", "five_products"),
        *ENDING_COLUMNS,
    ),
    year_of="payday",
)
_read: Final = msgspec.json.Decoder(FastEmployerPayday).decode


def rows(value: bytes, offset: int) -> list[LandedRow]:
    """One row a payday; the one that was written last holds, and its partition writes them in order."""
    fact = _read(value)
    coverage, playbook = fact.coverage, fact.playbook
    values = (
        *(fact.employer_id, day("payday", fact.payday), instant("at", fact.at)),
        *(fact.heads, fact.pay, fact.counted, fact.head_count),
        *(fact.closed, fact.closed_pay, fact.kept, fact.moved_out, fact.retention),
        *(fact.loyal, fact.transfer_out, fact.spend_down, fact.newly_movers),
        *(coverage.known, coverage.products, coverage.three, coverage.five),
        *(fact.fact_id, playbook.name, playbook.version, offset),
    )
    return [LandedRow(TABLE.name, values)]
