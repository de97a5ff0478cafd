"""The same task on stock Faust, as its documentation would have it written: an agent, a table, JSON.

Rules R4 to R6 and the two of R9, on input in order: a state for each account, a task when a rule is
met. At least once, no ticks. After BENCH_EVENTS events it writes to standard output how many a second
those from a tenth to nine tenths of them were.
"""

import json
import os
import sys
from datetime import date, datetime
from time import monotonic
from typing import Any, Final
from zoneinfo import ZoneInfo

import faust

GROUP: Final = "stock-faust"
EVENTS: Final = "bench.events"
TASKS: Final = "bench.tasks"
CHANGELOG: Final = f"{GROUP}-accounts-changelog"
PARTITIONS: Final = 4

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


def create_app(bootstrap: str, events: int, home: str) -> faust.App:
    """The app; it reports after so many events."""
    app = faust.App(
        GROUP,
        broker=f"kafka://{bootstrap}",
        store="memory://",
        datadir=home,
        topic_partitions=PARTITIONS,
        web_enabled=False,
    )
    source = app.topic(EVENTS, key_type=bytes, key_serializer="raw", value_serializer="json")
    tasks = app.topic(TASKS, key_type=bytes, key_serializer="raw", value_serializer="json")
    accounts = app.Table("accounts", partitions=PARTITIONS)
    moments: list[float] = []

    async def detect(stream: Any) -> None:
        async for event in stream:
            account_id = event["account_id"]
            state, hits = apply(accounts.get(account_id), event)
            if state is not None:
                accounts[account_id] = state
            for number, hit in enumerate(hits, len(state["hits"]) - len(hits) + 1 if state else 1):
                task = {
                    "account_id": account_id,
                    "cycle_payday": date.fromordinal(state["payday"]).isoformat() if state else None,
                    "version": number,
                    "reason": hit,
                }
                await tasks.send(key=account_id.encode(), value=task)
            moments.append(monotonic())
            if len(moments) == events:
                _report(moments)

    app.agent(source)(detect)
    return app


def _report(moments: list[float]) -> None:
    count = len(moments)
    first, last = count // 10, count * 9 // 10
    print(json.dumps({"events_per_s": (last - first) / (moments[last] - moments[first])}), flush=True)


if __name__ == "__main__":
    env = os.environ
    worker = faust.Worker(
        create_app(env["BENCH_BOOTSTRAP"], int(env["BENCH_EVENTS"]), env["BENCH_HOME"]),
        loglevel="ERROR",
        redirect_stdouts=False,
        logfile=None,
    )
    sys.exit(worker.execute_from_commandline())
