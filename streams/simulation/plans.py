"""What the holder of an account means to do after a payday, drawn once, before anything is booked."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import NamedTuple

from streams.simulation.customers import WAYS, Customer, counterparty
from streams.simulation.employers import Payday
from streams.simulation.line import CREDIT, DAY, SimulatedPosting, second_of
from streams.simulation.population import Archetype


class Plan(NamedTuple):
    """The postings of a payday, and the local second of a planned move's last transfer, null if none is."""

    postings: list[SimulatedPosting]
    moved_by: int | None


def plan(seed: int, account: Customer, payday: Payday) -> Plan:
    """The plan of one account for one payday, the same whenever it is asked for.

    Whether money is meant to move is decided here, by the holder's habit, and not by the detector's
    rules: a move in small pieces is one, and a high rent is none.
    """
    rng = Random(f"{seed}/plan/{account.account_id}/{payday.day}")
    paid = list(_credits(rng, account, payday))
    pay = sum(credit.amount for credit in paid)
    moves = list(_moves(rng, account, paid[-1].at, pay)) if rng.random() < account.moves else []
    others = [
        *_rent(rng, payday.day, pay),
        *_spending(rng, account, payday.day, pay),
        *_loan(account, payday.day),
        *_investment(rng, account, payday.day, pay),
    ]
    return Plan(paid + moves + others, moves[-1].at if moves else None)


def _credits(rng: Random, account: Customer, payday: Payday) -> Iterator[SimulatedPosting]:
    at = second_of(payday.day, account.employer.second + rng.randrange(600))
    for n, day in enumerate(payday.days):
        # A minute apart, so that two pays on one day keep their order.
        on_day = at + (day - payday.day).days * DAY + 60 * n
        pay = int(account.pay * rng.uniform(0.97, 1.03))
        if account.archetype is Archetype.SPLIT_PAY and len(payday.days) == 1:
            first = int(pay * rng.uniform(0.55, 0.8))
            yield _credit(on_day, first)
            yield _credit(on_day + rng.choice((1, 2)) * DAY, pay - first)
        else:
            yield _credit(on_day, pay)
    if account.archetype is Archetype.THIRTEENTH_SALARY and _is_bonus(account, payday):
        yield _credit(
            at + (payday.days[-1] - payday.day).days * DAY + 7200,
            int(account.monthly * rng.uniform(0.8, 2.0)),
        )


def _is_bonus(account: Customer, payday: Payday) -> bool:
    """Once a year: in December, or in January, the last pay before most Spring Festivals."""
    return payday.first_of_month and payday.day.month == account.bonus_month


def _credit(at: int, amount: int) -> SimulatedPosting:
    return SimulatedPosting(at, CREDIT, "in", amount, "batch")


def _moves(rng: Random, account: Customer, paid_at: int, pay: int) -> Iterator[SimulatedPosting]:
    """Mostly one transfer, of the usual amount, at the usual hour, to the usual account."""
    total = int(pay * min(0.97, account.share * rng.uniform(0.95, 1.05)))
    pieces = rng.choices((1, 2, 3), (82, 11, 7))[0]
    to = account.counterparty if rng.random() < 0.9 else counterparty(rng)
    delay = account.delay if rng.random() < 0.85 else rng.randint(0, 8)
    usual = rng.random() < 0.85
    second = account.second + rng.randint(-1200, 1200) if usual else rng.randrange(8 * 3600, DAY)
    at = (paid_at // DAY + delay) * DAY + second
    if at < paid_at + 600:
        at = paid_at + rng.randint(600, 3600)
    for n in range(pieces):
        yield SimulatedPosting(at + n * DAY, "transfer", "out", total // pieces, "mobile", to)


def _rent(rng: Random, payday: date, pay: int) -> Iterator[SimulatedPosting]:
    """Rent, or money for the family: no flight of the pay, though sometimes large enough to look like it."""
    if rng.random() < 0.15:
        at = second_of(payday, rng.randint(1, 6) * DAY + rng.randrange(8 * 3600, 22 * 3600))
        yield SimulatedPosting(
            at, "transfer", "out", int(pay * rng.uniform(0.08, 0.33)), "mobile", counterparty(rng)
        )


def _spending(rng: Random, account: Customer, payday: date, pay: int) -> Iterator[SimulatedPosting]:
    spends = WAYS[account.archetype].spends
    if spends is None:
        return
    pieces = rng.randint(4, 8)
    each = pay * rng.uniform(*spends) / pieces
    for _ in range(pieces):
        at = second_of(payday, rng.randint(0, 5) * DAY + rng.randrange(18 * 3600, 22 * 3600))
        kind, channel = ("cash", "atm") if rng.random() < 0.25 else ("consumption", "pos")
        yield SimulatedPosting(at, kind, "out", int(each * rng.uniform(0.6, 1.4)), channel)


def _loan(account: Customer, payday: date) -> Iterator[SimulatedPosting]:
    if account.repays:
        at = second_of(payday, account.loan_day * DAY + 6 * 3600)
        yield SimulatedPosting(at, "loan_repayment", "out", int(account.pay * account.repays), "batch")


def _investment(rng: Random, account: Customer, payday: date, pay: int) -> Iterator[SimulatedPosting]:
    if rng.random() < WAYS[account.archetype].invests:
        at = second_of(payday, rng.randint(1, 10) * DAY + rng.randrange(9 * 3600, 15 * 3600))
        yield SimulatedPosting(at, "investment", "out", int(pay * rng.uniform(0.1, 0.5)), "mobile")
