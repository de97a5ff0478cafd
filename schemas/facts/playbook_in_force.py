"""A playbook that a partition has taken (B1)."""

from typing import Literal

from schemas.facts.base import Fact, PlaybookRef
from schemas.instant import Instant


class PlaybookInForce(Fact):
    """A playbook that a partition of the journal has taken (B1); alike in every partition but for ``at`` and what
    follows from it. ``number``: how many the partition had taken before it; one that was still ahead is cancelled by
    the next. ``since``: from when on it holds, null for the partition's beginning. ``at``: the partition's clock when
    it was read, null before the first tick."""

    fact: Literal["playbook_in_force"] = "playbook_in_force"
    partition: int
    number: int
    since: Instant | None
    at: Instant | None
    playbook: PlaybookRef
