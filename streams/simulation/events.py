"""A population's life, day by day, as the lines of an events file in the order they arrive."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from operator import itemgetter
from random import Random
from typing import Final

from streams.calendar.workdays import calendar_for
from streams.simulation.customers import Customer, customers
from streams.simulation.daily import daily
from streams.simulation.disturbances import arrivals
from streams.simulation.employers import Payday, paydays
from streams.simulation.ledger import SimulatedLedger
from streams.simulation.line import DAY, SimulatedLine, second_of
from streams.simulation.plans import plan
from streams.simulation.population import Population
from streams.simulation.profiles import profile

_ARRIVAL: Final = itemgetter(0)
Schedule = dict[date, dict[str, Payday]]


def events(population: Population) -> Iterator[SimulatedLine]:
    """Every line of a simulated bank in arrival order; the same population gives the same lines.

    Keeps the accounts and one day's lines in memory, not the whole file. Paydays follow the Chinese
    calendar as far as it goes, weekends beyond (``streams.calendar.workdays``).
    """
    ledgers = [SimulatedLedger(account) for account in customers(population)]
    schedule = _schedule(population, [ledger.account for ledger in ledgers])
    waiting: list[tuple[int, SimulatedLine]] = list(_first_profiles(population, ledgers))
    for ordinal in range(population.start.toordinal(), population.end.toordinal()):
        today = date.fromordinal(ordinal)
        waiting += _day(population, ledgers, today, schedule.get(today, {}))
        waiting.sort(key=_ARRIVAL)
        midnight = second_of(today) + DAY
        arrived = [line for at, line in waiting if at < midnight]
        # The list is in order, so what has not arrived is its end.
        waiting = waiting[len(arrived) :]
        yield from arrived
    yield from (line for _, line in waiting)


def _schedule(population: Population, accounts: list[Customer]) -> Schedule:
    """Who pays on which day: payday → employer_id → payday."""
    calendar = calendar_for("CN")
    payers = {account.employer.employer_id: account.employer for account in accounts}
    schedule: Schedule = defaultdict(dict)
    for employer_id, employer in payers.items():
        for payday in paydays(employer, population.start, population.end, calendar):
            schedule[payday.day][employer_id] = payday
    return schedule


def _first_profiles(
    population: Population, ledgers: list[SimulatedLedger]
) -> Iterator[tuple[int, SimulatedLine]]:
    rng = Random(f"{population.seed}/profiles")
    start = population.start
    for ledger in ledgers:
        yield second_of(start), profile(rng, ledger.account, ledger.balance, start, start)


def _day(
    population: Population, ledgers: list[SimulatedLedger], today: date, paid: dict[str, Payday]
) -> Iterator[tuple[int, SimulatedLine]]:
    # Two streams of chance, so that what goes wrong on the way does not change what people do.
    life = Random(f"{population.seed}/day/{today}")
    way = Random(f"{population.seed}/way/{today}")
    rates = population.rates
    midnight = second_of(today) + DAY
    for ledger in ledgers:
        account = ledger.account
        postings = list(daily(life, account, ledger.balance, today))
        payday = paid.get(account.employer.employer_id)
        if payday is not None:
            postings += plan(population.seed, account, payday).postings
        for at, line in ledger.book(postings, midnight, way, rates.reversed):
            yield from arrivals(way, at, line, rates)
        if way.random() < rates.profile_update / 30:
            updated = profile(way, account, ledger.balance, population.start, today)
            yield midnight - DAY + way.randrange(DAY), updated
