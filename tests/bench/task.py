"""The bench task: what every contestant of the field has to do, written to be read.

Rules R4 to R6 and the two of R9 on input in order: a state for each account, and a task when a rule is
met for the first time in a cycle. No lateness, no duplicates, no reversals, no closes. What is of no
account, a tick or a playbook, is passed over. Standard library only: Quix Streams runs it in an
environment of its own.
"""

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")
MERGE_DAYS, WINDOW_DAYS, CURVE_DAYS = 3, 7, 31
MIN_AMOUNT: Final = 100_000
SINGLE_PERCENT, CUMULATIVE_PERCENT = 30, 50
BUCKET: Final = {
    ("out", "transfer"): ("moved_out", 1),
    **{("out", kind): ("spent", 1) for kind in ("consumption", "cash", "bill", "loan_repayment", "other")},
    **{("out", kind): ("invested", 1) for kind in ("investment", "internal")},
    **{("in", kind): ("returned", 1) for kind in ("transfer", "cash", "other")},
    **{("in", kind): ("spent", -1) for kind in ("consumption", "bill", "loan_repayment")},
    **{("in", kind): ("invested", -1) for kind in ("investment", "internal")},
}

State = dict[str, Any]
Hit = dict[str, Any]


def tasks_topic(app_id: str) -> str:
    """Where a contestant writes its tasks."""
    return f"{app_id}-tasks"


def apply(state: State | None, event: dict[str, Any]) -> tuple[State | None, list[Hit]]:
    """One event of an account: its state after it, None before the first pay, and the rules newly met."""
    day = datetime.fromisoformat(event["occurred_at"]).astimezone(ZONE).date().toordinal()
    if state is not None:
        _end_days(state, day)
        if day - state["payday"] > CURVE_DAYS:
            state = None
    if event["type"] == "payroll_credit":
        return _paid(state, event, day), []
    if state is None:
        return None, []
    state["balance"] = event["balance_after"]
    if (bucket := BUCKET.get((event["direction"], event["kind"]))) is None:
        return state, []
    state[bucket[0]] += bucket[1] * event["amount"]
    return state, _hits(state, event, day) if bucket == ("moved_out", 1) else []


def tasks_of(state: State | None, hits: list[Hit], account_id: str) -> list[dict[str, Any]]:
    """The tasks to write for rules newly met; each is a version of the cycle's one task."""
    if state is None:
        return []
    first = len(state["hits"]) - len(hits) + 1
    return [
        {
            "account_id": account_id,
            "cycle_payday": date.fromordinal(state["payday"]).isoformat(),
            "version": version,
            "reason": hit,
        }
        for version, hit in enumerate(hits, first)
    ]


def _paid(state: State | None, event: dict[str, Any], day: int) -> State:
    if state is not None and day - state["payday"] < MERGE_DAYS:
        return {**state, "pay": state["pay"] + event["amount"], "balance": event["balance_after"]}
    return {
        "payday": day,
        "employer": event["employer_id"],
        "pay": event["amount"],
        "balance": event["balance_after"],
        **dict.fromkeys(("moved_out", "spent", "invested", "returned"), 0),
        "curve": [],
        "hits": [],
    }


def _end_days(state: State, day: int) -> None:
    curve = state["curve"]
    while len(curve) < min(day - state["payday"], CURVE_DAYS + 1):
        gone = max(0, state["moved_out"] + state["spent"] - state["returned"])
        kept = min(1.0, max(0.0, 1 - gone / state["pay"])) if state["pay"] > 0 else None
        curve.append([kept, state["balance"]])


def _hits(state: State, event: dict[str, Any], day: int) -> list[Hit]:
    pay = state["pay"]
    if pay <= 0 or day - state["payday"] > WINDOW_DAYS:
        return []
    hits = []
    for rule, amount, percent in (
        ("single_large", event["amount"], SINGLE_PERCENT),
        ("cumulative_large", state["moved_out"], CUMULATIVE_PERCENT),
    ):
        if amount >= MIN_AMOUNT and 100 * amount >= percent * pay and rule not in state["hits"]:
            state["hits"].append(rule)
            hits.append({"rule": rule, "observed": amount, "event_id": event["event_id"]})
    return hits
