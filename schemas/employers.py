"""What the coordinator says of an employer: the answer to the journal, and the fact (E2, E6)."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from schemas.facts import PlaybookRef, Share
from schemas.instant import Instant, LocalDate
from schemas.strict import Id, StrictModel


class _Word(StrictModel):
    model_config = ConfigDict(strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True)


class EmployerAnswer(_Word):
    """The answer to the journal partitions that an employer was heard of from: keyless, addressed by partition.

    Said at 04:00 local (``at``) when a field has changed, and to a partition heard of for the first time; it holds
    from 09:00 of that day (``from``). Employers with a head count below 2 are not told (A9). ``gone``: nothing is
    known of the employer any more; the partitions forget it. The schedule and the verdict are null until the
    coordinator predicts.
    """

    type: Literal["employer"]
    employer_id: Id
    at: Instant
    holds_from: Annotated[Instant, Field(alias="from")]
    head_count: int
    last_payday: LocalDate | None
    gone: bool
    rule: None
    expected: None
    sigma_days: None
    confidence: None
    agree: None
    verdict: None
    playbook: PlaybookRef


class Coverage(_Word):
    """How many products the accounts of closed cycles hold: of how many that is known, their products together,
    and how many have at least 3 and at least 5."""

    known: int
    products: int
    three: int
    five: int


class EmployerPayday(_Word):
    """One payday of an employer, as known at ``at`` (E6). A later one with the same ``fact_id`` replaces it:
    ``version`` is the instant of the decision, in microseconds.

    ``heads``, ``pay``: accounts whose payday it is at present, and their pay. ``counted``: whether it is an
    observation, more than half of the head count before it having been paid (P1); ``head_count``: H after it.
    The rest is of the closed cycles. Money in minor units. A payday that all its payments have left has no heads.
    """

    fact: Literal["employer_payday"] = "employer_payday"
    fact_id: str
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
