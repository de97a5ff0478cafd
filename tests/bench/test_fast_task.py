import json
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest

from agents.lookahead import first_of
from schemas.playbook import Playbook
from streams.simulation.load import load
from tests.bench.fast_task import Account, apply_all
from tests.bench.filling import tick
from tests.bench.stand import START
from tests.bench.task import apply, tasks_of

KINDS = (
    "transfer",
    "consumption",
    "cash",
    "bill",
    "loan_repayment",
    "other",
    "investment",
    "internal",
    "fee",
)


class _Record(NamedTuple):
    value: bytes


def _reference(values: list[bytes]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    states: dict[str, Any] = {}
    tasks = []
    for event in map(json.loads, values):
        if "account_id" in event:
            account_id = event["account_id"]
            state, hits = apply(states.get(account_id), event)
            if state is not None:
                states[account_id] = state
            tasks += tasks_of(state, hits, account_id)
    return states, tasks


def _fast(values: list[bytes], set_size: int) -> tuple[dict[bytes, bytes], list[Any]]:
    committed: dict[bytes, bytes] = {}
    tasks = []
    for start in range(0, len(values), set_size):
        applied = apply_all([_Record(value) for value in values[start : start + set_size]], committed)
        committed |= applied.changed
        tasks += applied.tasks
    return committed, [msgspec.to_builtins(task) for task in tasks]


def _random_events(seed: int) -> list[bytes]:
    """Accounts with pays that merge, pays far apart and none at all, negative pays, every kind."""
    rng, day, events = Random(seed), 1, []
    for number in range(600):
        day += rng.random() < 0.2
        common = {
            "event_id": f"e{number}",
            "account_id": f"a{rng.randrange(6)}",
            "balance_after": rng.randrange(10**6),
            "occurred_at": f"2025-{1 + day // 28:02}-{1 + day % 28:02}T{rng.randrange(24):02}:30:00+00:00",
        }
        if rng.random() < 0.1:
            own = {"type": "payroll_credit", "employer_id": "e", "amount": rng.randrange(-10_000, 900_000)}
        else:
            own = {
                "type": "transfer",
                "direction": rng.choice(("in", "out")),
                "kind": rng.choice(KINDS),
                "amount": rng.randrange(1, 400_000),
            }
        events.append(json.dumps(common | own).encode())
    return events


def _load() -> list[bytes]:
    first = first_of(Playbook()).model_dump_json().encode()
    return [first, *(value for _, value in load(100, 5_000, seed=1, start=START)), tick(1).value]


@pytest.mark.parametrize("values", [_load(), *map(_random_events, range(8))])
@pytest.mark.parametrize("set_size", [1, 37])
def test_the_fast_task_gives_the_tasks_and_the_states_of_the_plain_one(
    values: list[bytes], set_size: int
) -> None:
    states, tasks = _reference(values)
    committed, fast_tasks = _fast(values, set_size)
    assert fast_tasks == tasks
    assert len(tasks) > 5
    assert {key.decode() for key in committed} == states.keys()
    for key, value in committed.items():
        account, state = msgspec.msgpack.decode(value, type=Account), states[key.decode()]
        assert [account.payday, account.pay, account.balance, account.hits, len(account.curve) // 16] == [
            state["payday"], state["pay"], state["balance"], state["hits"], len(state["curve"]),
        ]  # fmt: skip
        assert account.buckets == [state[name] for name in ("moved_out", "spent", "invested", "returned")]


def test_a_value_that_is_no_event_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        apply_all([_Record(b'{"type":"transfer","amount":"1"}')], {})
