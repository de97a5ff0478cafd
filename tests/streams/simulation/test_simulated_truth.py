from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from schemas.topics import PAYROLL_CREDITS
from streams.simulation.events import events
from streams.simulation.population import Archetype, Population, Rates
from streams.simulation.truth import Score, Truth, score, truth

POPULATION = Population(11, 400, date(2026, 3, 1), 3, Rates(0, 0, 0, 0, 0, 0))
MONDAY = date(2026, 3, 2)


def one(account: str, moved: bool) -> Truth:
    return Truth(account, MONDAY, Archetype.LOYAL, moved)


def test_score_counts() -> None:
    known = [one("a", True), one("b", True), one("c", False), one("d", False), one("e", True)]
    alerts = [("a", MONDAY), ("a", MONDAY), ("b", date(2026, 3, 3)), ("c", MONDAY), ("e", MONDAY)]
    assert score(known, alerts) == Score(precision=0.5, recall=2 / 3, tp=2, fp=2, fn=1)


def test_score_of_nothing() -> None:
    assert score([], []) == Score(1.0, 1.0, 0, 0, 0)
    assert score([one("a", True)], []) == Score(1.0, 0.0, 0, 0, 1)
    assert score([one("a", False)], [("a", MONDAY)]) == Score(0.0, 1.0, 0, 1, 0)


def test_the_truth_knows_every_payday_of_every_account() -> None:
    credited: dict[str, list[date]] = {}
    for line in events(POPULATION):
        if line["topic"] == PAYROLL_CREDITS:
            days = credited.setdefault(line["key"], [])
            day = date.fromisoformat(line["value"]["occurred_at"][:10])
            # R4 with its default of three days: later pays join, the first names the payday.
            if not days or (day - days[-1]).days >= 3:
                days.append(day)
    found = [(known.account_id, known.payday) for known in truth(POPULATION)]
    assert sorted(found) == sorted((account, day) for account, days in credited.items() for day in days)


def test_the_truth_is_the_same_whatever_goes_wrong_on_the_way() -> None:
    assert truth(POPULATION) == truth(replace(POPULATION, rates=Rates(late=0.5, reversed=0.5)))
    assert truth(POPULATION) != truth(replace(POPULATION, seed=12))


def test_who_moves() -> None:
    moved: Counter[Archetype] = Counter()
    paydays: Counter[Archetype] = Counter()
    for known in truth(POPULATION):
        paydays[known.archetype] += 1
        moved[known.archetype] += known.moved
    assert set(paydays) == set(Archetype)
    share = {archetype: moved[archetype] / paydays[archetype] for archetype in Archetype}
    # 92 %, less what the end of the simulation cuts off.
    assert share[Archetype.SETTLED_MOVER] > 0.8
    assert all(share[a] < 0.1 for a in (Archetype.LOYAL, Archetype.SPENDER, Archetype.MORTGAGE_PAYER))
    assert 0.2 < share[Archetype.SPLIT_PAY] < 0.6


def test_a_move_the_events_do_not_hold_is_none() -> None:
    longer = {(known.account_id, known.payday): known for known in truth(replace(POPULATION, months=4))}
    cut = [known for known in truth(POPULATION) if known != longer[known.account_id, known.payday]]
    assert cut
    assert all(not known.moved and (POPULATION.end - known.payday).days <= 13 for known in cut)


@pytest.mark.parametrize(("minimum", "maximum"), [(0.85, 0.999)])
def test_large_transfers_find_most_moves_but_not_all_and_not_only(minimum: float, maximum: float) -> None:
    """The intent shows in the events, and is still not what a threshold on them finds."""
    payday: dict[str, tuple[date, int]] = {}
    alerts = set()
    for line in events(POPULATION):
        value, account = line["value"], line["key"]
        if line["topic"] == PAYROLL_CREDITS:
            day = date.fromisoformat(value["occurred_at"][:10])
            first, pay = payday.get(account, (date.min, 0))
            joins = (day - first).days < 3
            payday[account] = (first, pay + value["amount"]) if joins else (day, value["amount"])
        elif value.get("kind") == "transfer" and value["direction"] == "out" and account in payday:
            first, pay = payday[account]
            if value["amount"] >= 0.3 * pay:
                alerts.add((account, first))
    found = score(truth(POPULATION), alerts)
    assert minimum < found.precision < maximum
    assert minimum < found.recall < maximum
