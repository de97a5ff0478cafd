"""A playbook that a partition has refused (B1)."""

from typing import Literal

from schemas.facts.base import Fact, PlaybookRef
from schemas.instant import Instant


class PlaybookRefused(Fact):
    """A playbook that a partition of the journal has refused; it changes nothing (B1). ``since``: from when on it was
    to hold; ``at``: the partition's clock when it was read, null before the first tick; ``detail``: what to mend,
    without the value; ``playbook``: what it calls itself, null where that is no name and version."""

    fact: Literal["playbook_refused"] = "playbook_refused"
    partition: int
    since: Instant
    at: Instant | None
    detail: str
    playbook: PlaybookRef | None
