"""What every fact has (O2). Its id is deterministic, so a replay overwrites itself."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from schemas.instant import LocalDate
from schemas.playbook import PlaybookRef as PlaybookRef
from schemas.strict import Id, StrictModel, Text

Rule = Literal["single_large", "cumulative_large"]
Share = Annotated[str, Field(pattern=r"^[01]\.\d{6}$")]
"""A share from 0 to 1, six decimals, rounded half-even (R6)."""


class Fact(StrictModel):
    """What every fact carries. ``fact_id``: UUIDv5 of what the fact is about."""

    model_config = ConfigDict(strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True)

    fact: str
    fact_id: str


class AccountFact(Fact):
    """What every fact about an account carries."""

    account_id: Id


class CycleFact(AccountFact):
    """What every fact of a cycle carries. ``segment``: the customer's, as known when the fact became
    final, null without a profile."""

    cycle_payday: LocalDate
    employer_id: Id
    segment: Text | None
    playbook: PlaybookRef
