import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import islice, pairwise
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.events import PayrollCredit, Profile, Transfer
from schemas.instant import parse_instant
from schemas.topics import CUSTOMER_PROFILES, PAYROLL_CREDITS, TRANSFERS
from streams.simulation.events import events
from streams.simulation.line import SimulatedLine
from streams.simulation.population import Archetype, Population, Rates

POPULATION = Population(7, 300, date(2026, 1, 1), 3)
CALM = replace(POPULATION, rates=Rates(0, 0, 0, 0, 0, 0))
MODELS: dict[str, TypeAdapter[Any]] = {
    PAYROLL_CREDITS: TypeAdapter(PayrollCredit),
    TRANSFERS: TypeAdapter(Transfer),
    CUSTOMER_PROFILES: TypeAdapter(Profile),
}


def digest(lines: Iterable[SimulatedLine]) -> str:
    return hashlib.sha256(json.dumps(list(lines)).encode()).hexdigest()


def is_valid(line: SimulatedLine) -> bool:
    try:
        MODELS[line["topic"]].validate_json(json.dumps(line["value"]))
    except ValidationError:
        return False
    return True


def postings(lines: Iterable[SimulatedLine]) -> list[dict[str, Any]]:
    return [line["value"] for line in lines if line["topic"] != CUSTOMER_PROFILES]


@pytest.fixture(scope="module")
def lines() -> list[SimulatedLine]:
    return list(events(POPULATION))


@pytest.fixture(scope="module")
def calm() -> list[SimulatedLine]:
    return list(events(CALM))


def test_every_line_is_valid_and_keyed_by_its_account(lines: list[SimulatedLine]) -> None:
    assert all(map(is_valid, lines))
    assert all(line["key"] == line["value"]["account_id"] for line in lines)


def test_the_same_seed_gives_the_same_bytes(lines: list[SimulatedLine]) -> None:
    assert digest(lines) == digest(events(POPULATION))
    assert digest(lines) != digest(events(replace(POPULATION, seed=8)))


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_hash_randomisation_changes_nothing(lines: list[SimulatedLine], hash_seed: str) -> None:
    code = (
        "import hashlib, json; from datetime import date; from streams.simulation.events import events;"
        "from streams.simulation.population import Population;"
        "lines = list(events(Population(7, 300, date(2026, 1, 1), 3)));"
        "print(hashlib.sha256(json.dumps(lines).encode()).hexdigest())"
    )
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert done.stdout.decode().strip() == digest(lines)


def test_it_streams() -> None:
    endless = replace(POPULATION, months=12 * 20)
    assert len(list(islice(events(endless), 1000))) == 1000


def test_an_account_begins_with_its_profile(lines: list[SimulatedLine]) -> None:
    assert {line["topic"] for line in lines[: POPULATION.accounts]} == {CUSTOMER_PROFILES}
    assert len({line["key"] for line in lines[: POPULATION.accounts]}) == POPULATION.accounts


def test_some_profiles_are_updated(lines: list[SimulatedLine]) -> None:
    updates = sum(line["topic"] == CUSTOMER_PROFILES for line in lines) - POPULATION.accounts
    assert 20 <= updates <= 80  # 5 % of 300 accounts a month, three months


def test_balances_add_up_and_ids_are_unique(calm: list[SimulatedLine]) -> None:
    by_account = defaultdict(list)
    for value in postings(calm):
        by_account[value["account_id"]].append(value)
    for values in by_account.values():
        values.sort(key=lambda value: value["event_id"])
        assert len({value["event_id"] for value in values}) == len(values)
        for before, after in pairwise(values):
            sign = 1 if after.get("direction", "in") == "in" else -1
            assert after["balance_after"] == before["balance_after"] + sign * after["amount"]
            assert before["occurred_at"] <= after["occurred_at"]
            assert after["balance_after"] >= 0


def test_without_disturbances_lines_arrive_within_seconds(calm: list[SimulatedLine]) -> None:
    assert max(lateness(calm)) <= 4 * 1_000_000
    assert not any(value["reverses"] for value in postings(calm))


def lateness(lines: list[SimulatedLine]) -> list[int]:
    """Microseconds by which each posting is behind the largest instant before it."""
    clock, behind = 0, []
    for value in postings(lines):
        at = parse_instant(value["occurred_at"])
        clock = max(clock, at)
        behind.append(clock - at)
    return behind


def test_late_events_are_as_frequent_as_asked() -> None:
    hours = [
        behind / 3_600_000_000
        for behind in lateness(list(events(replace(CALM, rates=Rates(0.05, 0.02, 0, 0, 0, 0)))))
    ]
    assert 0.04 < sum(0.5 < h < 24 for h in hours) / len(hours) < 0.06
    assert 0.015 < sum(h > 24 for h in hours) / len(hours) < 0.025


def test_duplicates_are_the_same_value_again() -> None:
    values = postings(events(replace(CALM, rates=Rates(0, 0, 0.05, 0, 0, 0))))
    times = Counter(json.dumps(value) for value in values)
    assert len({value["event_id"] for value in values}) == len(times)
    assert 0.04 < times.total() / len(times) - 1 < 0.06


def test_reversals_undo_what_they_name() -> None:
    values = postings(events(replace(CALM, rates=Rates(0, 0, 0, 0.05, 0, 0))))
    by_id = {value["event_id"]: value for value in values}
    undone = [value for value in values if value["reverses"]]
    assert 0.04 < len(undone) / len(values) < 0.06
    assert {"payroll_credit" if "employer_id" in value else value["kind"] for value in undone} >= {
        "payroll_credit",
        "transfer",
    }
    for value in undone:
        original = by_id[value["reverses"]]
        assert value["amount"] == original["amount"]
        assert value.get("kind") == original.get("kind")
        assert "kind" not in value or value["direction"] != original["direction"]
        assert value["occurred_at"] > original["occurred_at"]


def test_malformed_records_are_as_frequent_as_asked_and_never_valid() -> None:
    found = list(events(replace(CALM, rates=Rates(0, 0, 0, 0, 0.05, 0))))
    broken = sum(not is_valid(line) for line in found)
    assert 0.04 < broken / len(found) < 0.06
    # Only the seconds on the wire may differ: what goes wrong does not change what people do.
    valid = [line for line in found if is_valid(line)]
    assert sorted(map(json.dumps, valid)) == sorted(map(json.dumps, events(CALM)))


def test_calendar_effects_reach_the_credits(calm: list[SimulatedLine]) -> None:
    days = {value["occurred_at"][:10] for value in postings(calm) if "employer_id" in value}
    assert "2026-02-14" in days  # the Saturday made up before the Spring Festival
    assert "2026-02-28" in days  # the last workday of February, also a Saturday


@pytest.mark.parametrize("archetype", list(Archetype))
def test_an_archetype_shows(archetype: Archetype) -> None:
    values = postings(events(Population(5, 60, date(2025, 11, 1), 4, CALM.rates, ((archetype, 1.0),))))
    flows: Counter[str] = Counter()
    for value in values:
        flows["pay" if "employer_id" in value else f"{value['direction']} {value['kind']}"] += value["amount"]
    moved, spent = flows["out transfer"] / flows["pay"], flows["out consumption"] + flows["out cash"]
    assert (moved > 0.55) is (archetype is Archetype.SETTLED_MOVER)
    assert (moved < 0.15) is (archetype in (Archetype.LOYAL, Archetype.SPENDER, Archetype.MORTGAGE_PAYER))
    assert (spent / flows["pay"] > 0.5) is (archetype is Archetype.SPENDER)
    assert (flows["out loan_repayment"] / flows["pay"] > 0.25) is (archetype is Archetype.MORTGAGE_PAYER)
    sources = {value["payroll_source"] for value in values if "employer_id" in value}
    assert sources == ({"pension", "social"} if archetype is Archetype.PENSION else {"employed"})


def credits_by_day(archetype: Archetype) -> dict[str, dict[date, int]]:
    population = Population(5, 60, date(2025, 11, 1), 4, CALM.rates, ((archetype, 1.0),))
    found: dict[str, dict[date, int]] = defaultdict(Counter)
    for value in postings(events(population)):
        if "employer_id" in value:
            found[value["account_id"]][date.fromisoformat(value["occurred_at"][:10])] += value["amount"]
    return found


def test_split_pay_comes_in_two_credits_within_the_merge_days() -> None:
    for paid in credits_by_day(Archetype.SPLIT_PAY).values():
        days = sorted(paid)
        gaps = Counter((b - a).days in (1, 2) for a, b in pairwise(days))
        assert gaps[True] >= len(days) // 3


def test_a_thirteenth_salary_stands_out_once() -> None:
    for paid in credits_by_day(Archetype.THIRTEENTH_SALARY).values():
        by_month: Counter[int] = Counter()
        for day, amount in paid.items():
            by_month[day.month] += amount
        assert max(by_month, key=by_month.__getitem__) in (12, 1)


def test_a_settled_mover_keeps_to_account_amount_and_hour() -> None:
    mix = ((Archetype.SETTLED_MOVER, 1.0),)
    by_account = defaultdict(list)
    for value in postings(events(Population(5, 40, date(2025, 7, 1), 6, CALM.rates, mix))):
        if value.get("kind") == "transfer" and value["amount"] > 250_000:
            by_account[value["account_id"]].append(value)
    usual_to = usual_hour = total = 0
    for values in by_account.values():
        to = Counter(value["counterparty"]["account_ref"] for value in values)
        hours = Counter(int(value["occurred_at"][11:13]) for value in values)
        usual_to += to.most_common(1)[0][1]
        usual_hour += sum(count for _, count in hours.most_common(2))
        total += len(values)
    assert usual_to / total > 0.7
    assert usual_hour / total > 0.7
