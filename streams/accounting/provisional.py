"""The ledger of folded and pending postings together, kept from one posting to the next.

A posting that comes in R2 order costs the same however many wait, and so does one that comes a little out of
order. It is not stored: an account that was just decoded counts its pending postings once, when a rule first asks.
"""

from typing import Final

from streams.accounting.ledger import Ledger
from streams.playbook.rules import Rules
from streams.state.account import Account
from streams.state.posting import Posting

BACK: Final = 16
"""How many postings before the last the second ledger is left behind when many are counted."""


class Provisional:
    """A fork of the folded state with the first ``counted`` pending postings on top; and one more, with fewer,
    to go on from where a posting comes in between."""

    def __init__(self, account: Account, rules: Rules) -> None:
        self.rules = rules
        self.ledger = Ledger.fork(account, rules)
        self.counted = 0
        self.behind: Ledger | None = None
        self.counted_behind = 0

    def count(self, pending: list[Posting]) -> None:
        """Count what is not counted yet."""
        behind = len(pending) - BACK
        if behind - self.counted >= BACK:
            self._count_to(behind, pending)
            self.behind, self.counted_behind = self.ledger.again(), behind
        self._count_to(len(pending), pending)

    def _count_to(self, end: int, pending: list[Posting]) -> None:
        for place in range(self.counted, end):
            self.ledger.post(pending[place])
        self.counted = end

    def step_back(self, place: int) -> bool:
        """Go back to where ``place`` is not counted; False if there is no such state."""
        if self.behind is None or self.counted_behind > place:
            return False
        self.ledger, self.counted = self.behind.again(), self.counted_behind
        return True

    def drop(self, count: int) -> bool:
        """So many of the oldest are folded; False if nothing is left on top of the folded state."""
        self.counted -= count
        self.counted_behind -= count
        if self.counted_behind <= 0:
            self.behind = None
        return self.counted > 0


def ledger_of(account: Account, rules: Rules) -> Ledger:
    """The account's provisional ledger, every pending posting counted."""
    known = account.provisional
    if not isinstance(known, Provisional) or known.rules is not rules:
        known = account.provisional = Provisional(account, rules)
    known.count(account.pending)
    return known.ledger


def note_insert(account: Account, place: int) -> None:
    """A posting was inserted among the pending ones."""
    known = account.provisional
    if isinstance(known, Provisional) and place < known.counted and not known.step_back(place):
        account.provisional = None


def note_folded(account: Account, count: int, *, ended: bool) -> None:
    """So many of the oldest were folded. ``ended``: a cycle has ended for good, so it is no longer provisional."""
    known = account.provisional
    if isinstance(known, Provisional) and (not known.drop(count) or ended):
        account.provisional = None
