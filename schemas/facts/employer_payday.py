"""A payday of an employer, as the coordinator makes it known (E6)."""

from typing import Literal

from schemas.facts.base import Fact, PlaybookRef, Share
from schemas.instant import Instant, LocalDate
from schemas.strict import Id, StrictModel


class Coverage(StrictModel):
    """How many products the accounts of closed cycles hold: of how many that is known, their products together,
    and how many have at least 3 and at least 5."""

    known: int
    products: int
    three: int
    five: int


class EmployerPayday(Fact):
    """One payday of an employer, as known at ``at`` (E6). A later one with the same ``fact_id`` replaces it:
    ``version`` is the instant of the decision, in microseconds.

    ``heads``, ``pay``: accounts whose payday it is at present, and their pay. ``counted``: whether it is an
    observation, more than half of the head count before it having been paid (P1); ``head_count``: H after it.
    The rest is of the closed cycles. Money in minor units. A payday that all its payments have left has no heads.
    """

    fact: Literal["employer_payday"] = "employer_payday"
    version: int
    at: Instant
    employer_id: Id
    payday: LocalDate
    heads: int
    pay: int
    counted: bool
    head_count: int
    closed: int
    closed_pay: int
    kept: int
    moved_out: int
    retention: Share | None
    loyal: int
    transfer_out: int
    spend_down: int
    newly_movers: int
    coverage: Coverage
    expected: LocalDate | None
    playbook: PlaybookRef
