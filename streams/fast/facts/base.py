"""What the fast words of facts have in common, and what their rows do."""

from datetime import date
from typing import ClassVar, Final

import msgspec

from schemas.topics import FACTS
from streams.fast.emitted import Emitted
from streams.fast.rows import day


class FastPlaybookRef(msgspec.Struct, gc=False):
    """See ``schemas.facts.PlaybookRef``."""

    name: str
    version: int


class FastFact(Emitted, gc=False):
    """See ``schemas.facts.Fact``."""

    topic: ClassVar[str] = FACTS

    fact: str
    fact_id: str

    @property
    def key(self) -> bytes | None:
        """None: it is no account's."""
        return None

    @property
    def counted_as(self) -> str:
        """The kind of fact."""
        return self.fact


class FastAccountFact(FastFact, gc=False):
    """See ``schemas.facts.AccountFact``."""

    account_id: str

    @property
    def key(self) -> bytes | None:
        """The account's."""
        return self.account_id.encode()


class FastCycleFact(FastAccountFact, gc=False):
    """See ``schemas.facts.CycleFact``."""

    cycle_payday: date
    employer_id: str
    segment: str | None
    playbook: FastPlaybookRef
    payroll_source: str
    currency: str


class FastPoint(msgspec.Struct, gc=False):
    """See ``schemas.facts.CurvePoint``."""

    day: int
    retained: str | None
    balance: int | None


CYCLE_COLUMNS: Final = (
    *("account_id", "cycle_payday", "employer_id", "payroll_source", "currency", "segment"),
)
"""What the tables of facts about a cycle begin with."""
ENDING_COLUMNS: Final = ("fact_id", "playbook_name", "playbook_version", "version")
"""What every fact's table ends with."""


def cycle_ends(fact: FastCycleFact, offset: int) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """What the rows of a fact about a cycle begin and end with."""
    playbook = fact.playbook
    return (
        (
            *(fact.account_id, day("cycle_payday", fact.cycle_payday), fact.employer_id),
            *(fact.payroll_source, fact.currency, fact.segment),
        ),
        (fact.fact_id, playbook.name, playbook.version, offset),
    )
