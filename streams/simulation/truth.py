"""What the simulated customers meant to do, and how well a detector guessed it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from streams.calendar.workdays import calendar_for
from streams.simulation.customers import customers
from streams.simulation.employers import paydays
from streams.simulation.line import second_of
from streams.simulation.plans import plan
from streams.simulation.population import Archetype, Population


@dataclass(frozen=True, slots=True)
class Truth:
    """One payday of one account: whether its holder set out to move a large part of the pay away."""

    account_id: str
    payday: date
    archetype: Archetype
    moved: bool


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of paydays, and the shares they give.

    ``precision``: of the alerts, those that were right; 1 if there was none.
    ``recall``: of the moves, those that were found; 1 if there was none.
    """

    precision: float
    recall: float
    tp: int
    fp: int
    fn: int


def truth(population: Population) -> list[Truth]:
    """The truth behind ``events(population)``, by account and payday.

    A move still incomplete when the simulation ends counts as none: the events do not hold it.
    """
    return list(_truth(population))


def _truth(population: Population) -> Iterator[Truth]:
    calendar = calendar_for("CN")
    accounts = customers(population)
    payers = {account.employer.employer_id: account.employer for account in accounts}
    days = {
        employer_id: paydays(employer, population.start, population.end, calendar)
        for employer_id, employer in payers.items()
    }
    end = second_of(population.end)
    for account in accounts:
        for payday in days[account.employer.employer_id]:
            moved_by = plan(population.seed, account, payday).moved_by
            yield Truth(
                account.account_id, payday.day, account.archetype, moved_by is not None and moved_by < end
            )


def score(truth: Iterable[Truth], alerts: Iterable[tuple[str, date]]) -> Score:
    """Alerts, as (account_id, cycle payday), against the truth.

    An alert given twice counts once; one for a payday the truth does not know is wrong.
    """
    moved = {(one.account_id, one.payday) for one in truth if one.moved}
    alerted = set(alerts)
    tp = len(moved & alerted)
    fp, fn = len(alerted) - tp, len(moved) - tp
    precision = tp / len(alerted) if alerted else 1.0
    recall = tp / len(moved) if moved else 1.0
    return Score(precision, recall, tp, fp, fn)
