"""An account with more postings than may wait (R11)."""

from typing import Literal

from schemas.facts.base import AccountFact, PlaybookRef
from schemas.instant import Instant, LocalDate


class HotAccount(AccountFact):
    """More postings of an account wait than may: the oldest are folded before their time, and what is not
    R2-later than the last of them is ``too_late`` (R11). Said once for each local ``day`` on which
    such a posting occurred; ``folded_to``: when the first of them that day did."""

    fact: Literal["hot_account"] = "hot_account"
    day: LocalDate
    pending_limit: int
    folded_to: Instant
    playbook: PlaybookRef
