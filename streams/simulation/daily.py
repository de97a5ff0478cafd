"""What happens on any day: card payments, cash, bills, small transfers, interest, fees."""

from collections.abc import Iterator
from datetime import date
from math import log
from random import Random
from typing import Final

from streams.simulation.customers import Customer, counterparty
from streams.simulation.line import SimulatedPosting, second_of

# Kind, direction, channel, how often, and the usual amount in baskets (the account's usual card payment).
_KINDS: Final = (
    ("consumption", "out", "pos", 40, 1.0),
    ("consumption", "out", "mobile", 30, 1.0),
    ("cash", "out", "atm", 6, 4.0),
    ("bill", "out", "batch", 7, 2.0),
    ("transfer", "out", "mobile", 6, 3.0),
    ("transfer", "in", "online", 4, 3.0),
    ("investment", "out", "mobile", 2, 6.0),
    ("investment", "in", "mobile", 1, 6.0),
    ("internal", "out", "mobile", 1, 5.0),
    ("cash", "in", "counter", 1, 6.0),
    ("fee", "out", "batch", 1, 0.05),
    ("other", "out", "other", 1, 1.0),
)
_CHOICE: Final = tuple(kind for kind in _KINDS for _ in range(kind[3]))
_TOTAL: Final = len(_CHOICE)
_QUARTER_MONTHS: Final = (3, 6, 9, 12)


def daily(rng: Random, account: Customer, balance: int, day: date) -> Iterator[SimulatedPosting]:
    """The ordinary postings of an account on a day. ``balance``: the day before's, in fen."""
    midnight = second_of(day)
    if day.day == 21 and day.month in _QUARTER_MONTHS and balance > 10_000:
        # Chinese banks settle interest on the 20th of a quarter's last month.
        yield SimulatedPosting(midnight + 7200, "interest", "in", balance // 4000 + 1, "batch")
    for _ in range(int(account.activity + rng.random())):
        yield _posting(rng, account, midnight + int(28_800 + rng.random() * 50_400))


def _posting(rng: Random, account: Customer, at: int) -> SimulatedPosting:
    kind, direction, channel, _, baskets = _CHOICE[int(rng.random() * _TOTAL)]
    # Exponential: many small, few large.
    amount = 100 + int(-log(1.0 - rng.random()) * account.basket * baskets)
    if kind == "consumption":
        number = rng.getrandbits(12)
        merchant = {"id": f"m{number:04}", "in_network": number % 4 == 0}
        return SimulatedPosting(at, kind, direction, amount, channel, None, merchant)
    other = counterparty(rng) if kind == "transfer" else None
    return SimulatedPosting(at, kind, direction, amount, channel, other)
