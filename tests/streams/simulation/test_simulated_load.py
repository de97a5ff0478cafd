import json
from collections import Counter, defaultdict
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from schemas.events import PayrollCredit, Transfer
from streams.simulation.load import load

ACCOUNTS = 500
MONTH = 21 * ACCOUNTS
Value = dict[str, Any]


@pytest.fixture(scope="module")
def values() -> list[Value]:
    return [json.loads(value) for _, value in load(ACCOUNTS, 2 * MONTH, 3)]


def test_every_value_is_a_valid_journal_event_of_its_key() -> None:
    credit, transfer = TypeAdapter(PayrollCredit), TypeAdapter(Transfer)
    for key, value in load(ACCOUNTS, MONTH, 3):
        model = credit if b'"type":"payroll_credit"' in value else transfer
        assert model.validate_json(value).account_id == key.decode()
        assert 250 <= len(value) <= 400


def test_in_order_and_unique(values: list[Value]) -> None:
    instants = [value["occurred_at"] for value in values]
    assert instants == sorted(instants)
    assert len({value["event_id"] for value in values}) == len(values) == 2 * MONTH


def test_one_pay_and_twenty_other_postings_a_month(values: list[Value]) -> None:
    kinds = Counter((value["account_id"], value["type"]) for value in values)
    assert set(kinds.values()) == {2, 40}
    assert len(kinds) == 2 * ACCOUNTS


def test_an_employer_pays_on_one_day_and_not_all_on_the_same(values: list[Value]) -> None:
    days = defaultdict(set)
    for value in values:
        if value["type"] == "payroll_credit":
            days[value["employer_id"]].add(value["occurred_at"][8:10])
    assert all(len(found) == 1 for found in days.values())
    assert len(set.union(*days.values())) == len(days) == 10


def test_some_move_their_pay(values: list[Value]) -> None:
    pays = {v["account_id"]: v["amount"] for v in values if v["type"] == "payroll_credit"}
    movers = {v["account_id"] for v in values if v["amount"] == -(-pays[v["account_id"]] * 4 // 5)}
    assert len(movers) == pytest.approx(ACCOUNTS / 8, abs=1)


def test_balances_add_up(values: list[Value]) -> None:
    balances: dict[str, int] = {}
    for value in values:
        amount, after = value["amount"], value["balance_after"]
        change = -amount if value.get("direction") == "out" else amount
        assert balances.get(value["account_id"], after - change) + change == after
        balances[value["account_id"]] = after


def test_the_seed_decides() -> None:
    assert list(load(50, 500, 1)) == list(load(50, 500, 1))
    ids = [json.loads(value)["event_id"] for seed in (1, 2) for _, value in load(50, 500, seed)]
    assert len(set(ids)) == 1000


@pytest.mark.parametrize(("accounts", "events"), [(1, 50), (7, 0), (100_000, 10)])
def test_any_size(accounts: int, events: int) -> None:
    made = list(load(accounts, events, 1, date(2027, 5, 1)))
    assert len(made) == events
    assert all(b'"occurred_at":"2027-0' in value for _, value in made)
