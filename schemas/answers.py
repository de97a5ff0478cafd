"""What the coordinator answers to the partitions of the journal (E2)."""

from typing import Annotated, Literal, final

from pydantic import ConfigDict, Field

from schemas.instant import Instant, LocalDate
from schemas.playbook import PlaybookRef
from schemas.strict import Id, StrictModel


@final
class EmployerAnswer(StrictModel):
    """The answer to the journal partitions that an employer was heard of from: keyless, addressed by partition.

    Said at 04:00 local (``at``) when a field has changed, and to a partition heard of for the first time; it holds
    from 09:00 of that day (``from``). Employers with a head count below 2 are not told (A9). ``gone``: nothing is
    known of the employer any more; the partitions forget it. The schedule and the verdict are null until the
    coordinator predicts.
    """

    model_config = ConfigDict(strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True)

    type: Literal["employer"] = "employer"
    employer_id: Id
    at: Instant
    holds_from: Annotated[Instant, Field(alias="from")]
    head_count: Annotated[int, Field(ge=0, description="an integer from 0 on")]
    last_payday: LocalDate | None = None
    gone: bool
    rule: None = None
    expected: None = None
    sigma_days: None = None
    confidence: None = None
    agree: None = None
    verdict: None = None
    playbook: PlaybookRef
