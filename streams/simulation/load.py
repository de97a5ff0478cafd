"""A journal for benchmarks: plain, in order, and made faster than a service can read it.

Each account has 21 postings a month, on 21 different days: its pay, and 20 others. An employer's
accounts are paid together from 08:00, on one day of the month; the rest is spread over the day until
22:00, in another order every day. One account in eight moves four fifths of its pay out on its next day.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from random import Random
from typing import Final, NamedTuple

_POSTINGS: Final = 21
_EMPLOYEES: Final = 50
_MOVERS: Final = 8
_OPENS: Final = 8 * 3600
_SECONDS: Final = 14 * 3600
_DRAWS: Final = 4096
_START: Final = date(2026, 1, 1)

_CREDIT: Final = (
    b'{"type":"payroll_credit","event_id":"%b-%d",%b"amount":%d,"currency":"CNY","balance_after":%d,'
    b'"occurred_at":"%b%b","branch_id":"branch-%03d","employer_id":"employer-%05d",'
    b'"payroll_source":"employed","reverses":null}'
)
_TRANSFER: Final = (
    b'{"type":"transfer","event_id":"%b-%d",%b"amount":%d,"currency":"CNY","balance_after":%d,'
    b'"occurred_at":"%b%b","direction":"%b","kind":"%b","channel":"%b",%b,"reverses":null}'
)
_BY_CARD: Final = b'"merchant":{"id":"m%05d","in_network":false},"counterparty":null'
_TO_BANK: Final = (
    b'"merchant":null,"counterparty":{"bank_code":"%b","account_ref":"t%010x","same_name":false}'
)
_TO_NOBODY: Final = b'"merchant":null,"counterparty":null'


class _Draw(NamedTuple):
    """A posting but for its account: ``change`` of the balance in fen, and parts of its JSON."""

    change: int
    direction: bytes
    kind: bytes
    channel: bytes
    other: bytes


def load(accounts: int, events: int, seed: int, start: date = _START) -> Iterator[tuple[bytes, bytes]]:
    """``events`` journal records as (key, value), sorted by occurred_at; event ids are unique, by seed too.

    Values carry their ``type``, are about 300 bytes of JSON, and are in Asia/Shanghai and CNY. The records
    go on month after month from the first day of ``start``'s month; 21 times ``accounts`` make a month.
    """
    return islice(_Bank(accounts, seed).records(start), events)


class _Bank:
    """The state of all accounts in lists by number, and every part of a value that repeats made ahead."""

    def __init__(self, accounts: int, seed: int) -> None:
        self.rng = Random(f"{seed}/load")
        self.prefix = b"l%x" % seed
        self.made = 0
        self.keys = [b"a%07d" % n for n in range(accounts)]
        self.who = [b'"account_id":"a%07d","customer_id":"c%07d",' % (n, n) for n in range(accounts)]
        self.pays = [self.rng.randrange(400_000, 2_000_000) for _ in range(accounts)]
        self.balances = [self.rng.randrange(100_000, 3_000_000) for _ in range(accounts)]
        self.draws = [_draw(self.rng) for _ in range(_DRAWS)]

    def records(self, start: date) -> Iterator[tuple[bytes, bytes]]:
        """The records of one day after the other, without end."""
        for turn, day in _days(start):
            instants = _instants(day, len(self.keys))
            yield from self._credits(turn, instants)
            yield from self._transfers(turn, instants)

    def _credits(self, turn: int, instants: Iterator[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
        for account, pay in enumerate(self.pays):
            if _paid_in(account) == turn:
                balance = self.balances[account] = self.balances[account] + pay
                ids = self.prefix, self.made, self.who[account], pay, balance, *next(instants)
                self.made += 1
                employer = account // _EMPLOYEES
                yield self.keys[account], _CREDIT % (*ids, employer % 40, employer)

    def _transfers(self, turn: int, instants: Iterator[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
        others = [account for account in range(len(self.keys)) if _paid_in(account) != turn]
        self.rng.shuffle(others)
        random, draws, balances = self.rng.random, self.draws, self.balances
        for account in others:
            draw = draws[int(random() * _DRAWS)]
            if account % _MOVERS == 0 and (turn - _paid_in(account)) % _POSTINGS == 1:
                draw = _move(account, self.pays[account])
            change = draw[0]
            balance = balances[account] = balances[account] + change
            ids = self.prefix, self.made, self.who[account], abs(change), balance, *next(instants)
            self.made += 1
            yield self.keys[account], _TRANSFER % (*ids, *draw[1:])


def _days(start: date) -> Iterator[tuple[int, date]]:
    """The turns of every month, 0 to 20, and their days, from the 1st to the 27th."""
    month = start.year * 12 + start.month - 1
    while True:
        for turn in range(_POSTINGS):
            yield turn, date(month // 12, month % 12 + 1, 1 + turn * 4 // 3)
        month += 1


def _instants(day: date, count: int) -> Iterator[tuple[bytes, bytes]]:
    """``count`` instants spread over a day's opening hours, each in two parts."""
    today, clock = day.isoformat().encode(), _clock()
    return ((today, clock[n * _SECONDS // count]) for n in range(count))


@cache
def _clock() -> list[bytes]:
    """What follows the date in an instant, for each second from 08:00 to 22:00."""
    seconds = range(_OPENS, _OPENS + _SECONDS)
    return [b"T%02d:%02d:%02d+08:00" % (s // 3600, s // 60 % 60, s % 60) for s in seconds]


def _paid_in(account: int) -> int:
    """The turn of the month in which an account is paid, the same for all of an employer."""
    return account // _EMPLOYEES * 8 % _POSTINGS


def _move(account: int, pay: int) -> _Draw:
    return _Draw(-pay * 4 // 5, b"out", b"transfer", b"mobile", _TO_BANK % (b"ICBC", account))


def _draw(rng: Random) -> _Draw:
    amount = 100 + int(rng.expovariate(1 / 12_000))
    what = rng.choices(("card", "cash", "bill", "out", "in"), (60, 10, 10, 12, 8))[0]
    if what == "card":
        return _Draw(-amount, b"out", b"consumption", b"pos", _BY_CARD % rng.randrange(5000))
    if what in ("cash", "bill"):
        return _Draw(-amount, b"out", what.encode(), b"other", _TO_NOBODY)
    change = amount if what == "in" else -amount
    return _Draw(change, what.encode(), b"transfer", b"mobile", _TO_BANK % (b"CCB", rng.getrandbits(40)))
