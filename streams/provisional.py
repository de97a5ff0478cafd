"""The ledger of folded and pending postings together, kept from one posting to the next.

A posting that comes in R2 order costs the same however many wait. It is not stored: an account that was
just decoded counts its pending postings once, when a rule first asks.
"""

from streams.account import Account
from streams.ledger import Ledger
from streams.rules import Rules


class Provisional:
    """A fork of the folded state with the first ``counted`` pending postings on top."""

    def __init__(self, account: Account, rules: Rules) -> None:
        self.rules = rules
        self.ledger = Ledger.fork(account, rules)
        self.counted = 0


def ledger_of(account: Account, rules: Rules) -> Ledger:
    """The account's provisional ledger, every pending posting counted."""
    known = account.provisional
    if not isinstance(known, Provisional) or known.rules is not rules:
        known = account.provisional = Provisional(account, rules)
    pending = account.pending
    for place in range(known.counted, len(pending)):
        known.ledger.post(pending[place])
    known.counted = len(pending)
    return known.ledger


def note_insert(account: Account, place: int) -> None:
    """A posting was inserted among the pending ones."""
    known = account.provisional
    if isinstance(known, Provisional) and place < known.counted:
        account.provisional = None


def note_folded(account: Account, count: int, *, ended: bool) -> None:
    """So many of the oldest were folded. ``ended``: a cycle has ended for good, so it is no longer provisional."""
    known = account.provisional
    if isinstance(known, Provisional):
        known.counted -= count
        if ended or known.counted <= 0:
            account.provisional = None
