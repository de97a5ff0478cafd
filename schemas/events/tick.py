"""The passing of time (J5)."""

from typing import Literal, final

from schemas.instant import Instant
from schemas.strict import StrictModel


@final
class Tick(StrictModel):
    """The clock of a partition: the largest instant read so far (J5)."""

    type: Literal["tick"] = "tick"
    instant: Instant
