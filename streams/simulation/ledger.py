"""Booking: postings in order against a balance, each with an id, as lines of an events file."""

from bisect import insort
from collections.abc import Iterator
from operator import itemgetter
from random import Random
from typing import Any, Final

from schemas.topics import PAYROLL_CREDITS, TRANSFERS
from streams.simulation.customers import Customer
from streams.simulation.line import CREDIT, SimulatedLine, SimulatedPosting, stamp

_AT: Final = itemgetter(0)
_LEAST: Final = 100  # Nobody sends less than a yuan.


class SimulatedLedger:
    """One account's books: balance in fen, number of postings so far, and what is to be booked later."""

    __slots__ = ("account", "balance", "count", "pending")

    def __init__(self, account: Customer) -> None:
        self.account = account
        self.balance = account.opening_balance
        self.count = 0
        self.pending: list[SimulatedPosting] = []

    def book(
        self, new: list[SimulatedPosting], until: int, rng: Random, reversed_share: float
    ) -> Iterator[tuple[int, SimulatedLine]]:
        """Book ``new`` and what was pending, up to local second ``until`` → (local second, line), in order.

        What is later stays pending. Nobody moves more than there is: an amount is cut to the balance.
        """
        due = [posting for posting in new + self.pending if posting.at < until]
        self.pending = [posting for posting in new + self.pending if posting.at >= until]
        due.sort(key=_AT)
        # The list grows while it is walked: a reversal within the day takes its place behind.
        for posting in due:
            event_id = f"{self.account.account_id}-{self.count:07}"
            booked = self._booked(posting)
            if booked is None:
                continue
            self.count += 1
            yield booked.at, _line(self.account, booked, event_id, self.balance)
            if posting.reverses is None and rng.random() < reversed_share:
                for later in _undone(rng, booked, event_id):
                    if later.at < until:
                        insort(due, later, key=_AT)
                    else:
                        self.pending.append(later)

    def _booked(self, posting: SimulatedPosting) -> SimulatedPosting | None:
        if posting.direction == "in":
            self.balance += posting.amount
            return posting
        # The bank takes back a credit paid by mistake, whatever it leaves.
        if posting.reverses is None and posting.amount > self.balance:
            posting = posting._replace(amount=self.balance)
        if posting.amount < _LEAST:
            return None
        self.balance -= posting.amount
        return posting


def _undone(rng: Random, posting: SimulatedPosting, event_id: str) -> Iterator[SimulatedPosting]:
    """The reversal (冲正) minutes or hours later; a credit undone is paid again, or nobody had wages."""
    at = posting.at + rng.randint(300, 4 * 3600)
    direction = "in" if posting.direction == "out" else "out"
    yield posting._replace(at=at, direction=direction, reverses=event_id)
    if posting.kind == CREDIT:
        yield posting._replace(at=at + 1800)


def _line(account: Customer, posting: SimulatedPosting, event_id: str, balance: int) -> SimulatedLine:
    value: dict[str, Any] = {
        "event_id": event_id,
        "account_id": account.account_id,
        "customer_id": account.customer_id,
        "amount": posting.amount,
        "currency": "CNY",
        "balance_after": balance,
        "occurred_at": stamp(posting.at),
        "reverses": posting.reverses,
    }
    if posting.kind == CREDIT:
        value["employer_id"] = account.employer.employer_id
        value["payroll_source"] = account.employer.payroll_source
        value["branch_id"] = account.employer.branch_id
        return {"topic": PAYROLL_CREDITS, "key": account.account_id, "value": value}
    value["direction"] = posting.direction
    value["kind"] = posting.kind
    value["counterparty"] = posting.counterparty
    value["channel"] = posting.channel
    value["merchant"] = posting.merchant
    return {"topic": TRANSFERS, "key": account.account_id, "value": value}
