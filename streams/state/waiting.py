"""What the rules ask of many pending postings, answered without looking through them."""

from collections.abc import Iterable
from typing import Final

from streams.state.posting import Effect, Posting

FEW: Final = 32
"""So many are looked through sooner than an index of them is made."""
_NEVER: Final = 2**63 - 1


class Waiting:
    """An index of pending postings. ``credit_at``: the earliest credit (microseconds), far ahead for none;
    ``leaving``: how many are leaving transfers."""

    def __init__(self, pending: Iterable[Posting]) -> None:
        self.event_ids: set[str] = set()
        self.leaving = 0
        self.credit_at = _NEVER
        for posting in pending:
            self.add(posting)

    def add(self, posting: Posting) -> None:
        """A posting waits too."""
        self.event_ids.add(posting.event_id)
        if posting.effect == Effect.LEAVING:
            self.leaving += 1
        elif posting.effect == Effect.CREDIT and posting.at < self.credit_at:
            self.credit_at = posting.at

    def drop(self, folded: Iterable[Posting], rest: Iterable[Posting]) -> None:
        """The oldest wait no longer; ``rest``: those that still do, in R2 order."""
        paid = False
        for posting in folded:
            self.event_ids.discard(posting.event_id)
            self.leaving -= posting.effect == Effect.LEAVING
            paid = paid or posting.effect == Effect.CREDIT
        if paid:
            self.credit_at = first_credit(rest)


def first_credit(pending: Iterable[Posting]) -> int:
    """When the first credit of postings in R2 order occurred (microseconds), far ahead for none."""
    for posting in pending:
        if posting.effect == Effect.CREDIT:
            return posting.at
    return _NEVER
