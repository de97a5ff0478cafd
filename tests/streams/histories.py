"""Generated histories: every rule of section 3 meets every other, in shuffled order."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

JOURNAL = "payday.journal.v1"
ZONES = ("Asia/Shanghai", "Europe/Prague", "America/Sao_Paulo", "UTC")
START = datetime(2026, 1, 5, 9, tzinfo=ZoneInfo("UTC"))
MINUTES_A_DAY = 1440

PROFILE = {
    "type": "profile", "account_id": "a", "customer_id": "p", "aum": 0, "product_count": 1, "segment": "s",
    "branch_id": "b", "area": "x", "manager_id": "m", "lifecycle_stage": "new", "onboarded_on": "2025-01-01",
    "vip": False, "maturities": [],
    "consent": {"sms": True, "wechat": True, "app": True, "call": True, "visit": True},
}  # fmt: skip

# Round amounts make ties at the thresholds (0.30, 0.50, half-even) likely.
amounts = st.sampled_from([1, 3, 7, 100_000, 99_999, 150_000, 250_000, 300_000, 333_333, 500_000, 1_000_000])
paydays = st.sampled_from([7, 14, 15, 29, 30, 31, 33, 2, 1, 3])
kinds = st.sampled_from(
    ["transfer", "transfer", "transfer", "consumption", "cash", "bill", "loan_repayment", "investment",
     "internal", "interest", "fee", "other"]
)  # fmt: skip
parties = st.sampled_from([None, ("ICBC", "t-1"), ("ICBC", "t-2"), ("OWN", "t-1")])


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Any]:
    """An events file and the settings to read it with."""
    minutes = _credits(draw)
    events = [_credit(draw, n, minute) for n, minute in enumerate(minutes)]
    events += [_transfer(draw, n, draw(st.sampled_from(minutes))) for n in range(draw(st.integers(0, 14)))]
    events.sort(key=lambda event: event[0])
    events = _displaced(draw, events)
    lines = [_line(value) for _, value in events]
    for _ in range(draw(st.integers(0, 2))):
        lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(lines)))
    if any(value["currency"] == "USD" for _, value in events):
        # A profile keeps the account, and with it the currency, which the reference never forgets.
        lines.insert(0, _line(PROFILE))
    if draw(st.booleans()):
        lines = _with_ticks(draw, lines)
    latest = max(event[0] for event in events)
    until = draw(st.sampled_from([None, latest + 3 * MINUTES_A_DAY, latest + 60 * MINUTES_A_DAY]))
    return {
        "lines": lines,
        "timezone": draw(st.sampled_from(ZONES)),
        "bank_code": draw(st.sampled_from([None, "OWN"])),
        "until": None if until is None else START + timedelta(minutes=until),
    }


def _credits(draw: st.DrawFn) -> list[int]:
    minute, minutes = draw(st.integers(0, MINUTES_A_DAY)), []
    for _ in range(draw(st.integers(1, 7))):
        minutes.append(minute)
        minute += draw(paydays) * MINUTES_A_DAY + draw(st.sampled_from([0, 0, -600, 300, 900]))
    return minutes


def _credit(draw: st.DrawFn, number: int, minute: int) -> tuple[int, dict[str, Any]]:
    return minute, _posting(draw, f"c{number}", minute) | {
        "type": "payroll_credit",
        "employer_id": draw(st.sampled_from(["e1", "e2"])),
        "payroll_source": "employed",
        "reverses": draw(st.sampled_from([None, None, None, None, "c0"])),
    }


def _transfer(draw: st.DrawFn, number: int, payday: int) -> tuple[int, dict[str, Any]]:
    day = draw(st.sampled_from([0, 0, 1, 2, 3, 6, 7, 8, 9, 20, 31, 32, -1]))
    minute = max(0, payday + day * MINUTES_A_DAY + draw(st.sampled_from([0, 0, 1, 30, 600, 899, 1000])))
    party = draw(parties)
    value = _posting(draw, f"t{number}", minute) | {
        "type": "transfer",
        "direction": draw(st.sampled_from(["out", "out", "in"])),
        "kind": draw(kinds),
        "channel": "mobile",
        "reverses": draw(st.sampled_from([None, None, None, "x"])),
        "counterparty": None
        if party is None
        else {"bank_code": party[0], "account_ref": party[1], "same_name": False},
    }
    return minute, value


def _posting(draw: st.DrawFn, event_id: str, minute: int) -> dict[str, Any]:
    return {
        "event_id": draw(st.sampled_from(["", "é", "\U0001f600"])) + event_id,
        "account_id": "a",
        "customer_id": "p",
        "amount": draw(amounts),
        "currency": draw(st.sampled_from(["CNY"] * 15 + ["USD"])),
        "balance_after": draw(st.sampled_from([None, 0, 5, -5])),
        "occurred_at": (START + timedelta(minutes=minute)).isoformat(),
    }


def _displaced(draw: st.DrawFn, events: list[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    # Each event arrives up to two days after it happened: within the lateness, at its edge, across it.
    delays = st.sampled_from([0, 0, 0, 0, 60, 600, MINUTES_A_DAY - 1, MINUTES_A_DAY, MINUTES_A_DAY + 1, 2880])
    arrivals = [(minute + draw(delays), n) for n, (minute, _) in enumerate(events)]
    return [events[n] for _, n in sorted(arrivals)]


def _with_ticks(draw: st.DrawFn, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ticked: list[dict[str, Any]] = []
    for line in lines:
        ticked.append(line)
        if "occurred_at" in line["value"] and draw(st.integers(0, 2)) == 0:
            moment = datetime.fromisoformat(line["value"]["occurred_at"])
            moment += timedelta(minutes=draw(st.sampled_from([0, 5, 1000, -1000, MINUTES_A_DAY])))
            ticked.append(_line({"type": "tick", "instant": moment.isoformat()}))
    return ticked


def _line(value: dict[str, Any]) -> dict[str, Any]:
    return {"topic": JOURNAL, "key": value.get("account_id"), "value": value}
