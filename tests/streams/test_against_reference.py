"""Two implementations, one answer: the streaming fold and the one that sorts the whole history."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from schemas.instant import from_datetime
from schemas.playbook import Accounting, Bank, Playbook
from streams.journal import eventsfile
from streams.playbook.rules import Rules
from streams.replay import backtest
from streams.replay.look import look
from tests.reference import reference
from tests.reference.model import Outflows
from tests.streams.builders import plain
from tests.streams.histories import histories


def run_backtest(
    history: dict[str, Any], pending_limit: int = 1_000, lateness_hours: int = 24
) -> backtest.Result:
    lines = [eventsfile.parse_line(json.dumps(line).encode()) for line in history["lines"]]
    rules = Rules.of(
        Playbook(
            bank=Bank(timezone=history["timezone"], code=history["bank_code"]),
            accounting=Accounting(pending_limit=pending_limit, allowed_lateness_hours=lateness_hours),
        )
    )
    until = history["until"]
    return backtest.backtest(
        lines,
        rules,
        look(lines),
        until=None if until is None else from_datetime(until),
    )


def cycles_of(result: backtest.Result) -> list[dict[str, Any]]:
    return [
        {name: fact[name] for name in backtest.CYCLE_FIELDS}
        for fact in sorted(
            (plain(fact) for fact in result.facts if fact.fact == "account_cycle"),
            key=lambda fact: (fact["account_id"], fact["cycle_payday"]),
        )
    ]


def curves_of(result: backtest.Result) -> dict[tuple[str, str], list[tuple[int, str | None, int | None]]]:
    curves: dict[tuple[str, str], list[tuple[int, str | None, int | None]]] = {}
    for fact in result.facts:
        if fact.fact == "curve_point":
            points = curves.setdefault((fact.account_id, fact.cycle_payday.isoformat()), [])
            points += [(point.day, point.retained, point.balance) for point in fact.points]
    return curves


def outflows_of(result: backtest.Result) -> list[dict[str, Any]]:
    told = [plain(fact) for fact in result.facts if fact.fact == "outflow"]
    return [
        {name: fact[name] for name in ("account_id", "cycle_payday", "fact_id")}
        | {
            "transfers": [
                (one["event_id"], one["day"], one["amount"], one["habitual"]) for one in fact["transfers"]
            ]
        }
        for fact in told
    ]


def assert_outflows(result: backtest.Result, expected: list[Outflows]) -> None:
    told = outflows_of(result)
    for cycle in expected:
        told_of_it = [fact for fact in cycle.facts if fact in told]
        if cycle.final:
            assert told_of_it == cycle.facts, "what left is not told of, or otherwise"
        else:
            assert told_of_it == cycle.facts[: len(told_of_it)], "what left first is not told of first"
    assert sorted(fact["fact_id"] for fact in told) == sorted(
        fact["fact_id"] for cycle in expected for fact in cycle.facts if fact in told
    ), "something is told of twice, or did not leave"


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories(), st.sampled_from([1, 2, 3, 5, 1_000, 1_000, 1_000]))
def test_the_pipeline_agrees_with_the_reference_field_by_field(
    history: dict[str, Any], pending_limit: int
) -> None:
    expected = reference(
        history["lines"],
        timezone=history["timezone"],
        bank_code=history["bank_code"],
        until=history["until"],
        rules={"pending_limit": pending_limit},
    )
    result = run_backtest(history, pending_limit)
    for line, outcome in zip(history["lines"], expected.outcomes, strict=True):
        note(f"{json.dumps(line)} -> {outcome}")
    dead = Counter(outcome[1] for outcome in expected.outcomes if isinstance(outcome, tuple))
    assert result.books.dead == dict(dead), "other records are dead, or for another reason"
    assert result.books.duplicate == expected.outcomes.count("duplicate"), "other duplicates"
    assert result.books.balanced, "the books do not balance"
    assert cycles_of(result) == expected.cycles, "the account_cycle facts differ"
    assert curves_of(result) == {key: curve for key, curve in expected.curves.items() if curve}, (
        "curves differ"
    )
    assert_outflows(result, expected.outflows)
    hot = [(fact.account_id, plain(fact)["day"]) for fact in result.facts if fact.fact == "hot_account"]
    assert hot == expected.hot, "hot accounts are said otherwise, or not once a day"


@pytest.mark.parametrize("field", ["read", "applied"])
def test_every_record_of_a_history_is_counted(field: str) -> None:
    line = {
        "topic": "payday.journal.v1",
        "key": None,
        "value": {"type": "tick", "instant": "2026-01-01T00:00:00Z"},
    }
    result = run_backtest({"lines": [line], "timezone": "UTC", "bank_code": None, "until": None})
    assert getattr(result.books, field) == 1
