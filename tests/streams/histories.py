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

Event = tuple[int, dict[str, Any]]
"""A minute since the start, and an event's value."""

# Round amounts make ties at the thresholds (0.30, 0.50, half-even) likely.
amounts = st.sampled_from([1, 3, 7, 100_000, 99_999, 150_000, 250_000, 300_000, 333_333, 500_000, 1_000_000])
paydays = st.sampled_from([7, 14, 15, 29, 30, 31, 33, 2, 1, 3])
kinds = st.sampled_from(
    ["transfer", "transfer", "transfer", "consumption", "cash", "bill", "loan_repayment", "investment",
     "internal", "interest", "fee", "other"]
)  # fmt: skip
parties = st.sampled_from(
    [
        None,
        ("ICBC", "t-1"),
        ("ICBC", "t-2"),
        ("OWN", "t-1"),
        ("BANKCNBJ", "t-1"),
        ("BANKCNBJXXX", ""),
        ("", "t-1"),
    ]
)
payees = st.sampled_from([("ICBC", "rent"), ("ICBC", "rent"), ("ICBC", ""), ("", "rent"), ("", "")])


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Any]:
    """An events file and the settings to read it with."""
    minutes = _credits(draw)
    events = [event for number, minute in enumerate(minutes) for event in _pay(draw, number, minute)]
    events += [_transfer(draw, n, draw(st.sampled_from(minutes))) for n in range(draw(st.integers(0, 14)))]
    if draw(st.booleans()):
        events += _habit(draw, minutes)
    arrivals = _arrivals(draw, events)
    lines = [_line(value) for _, value in arrivals]
    if draw(st.booleans()):
        lines = _with_ticks(draw, arrivals)
    for _ in range(draw(st.integers(0, 2))):
        lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(lines)))
    if any(value["currency"] == "USD" for _, value in events):
        # A profile keeps the account, and with it the currency, which the reference never forgets.
        lines.insert(0, _line(PROFILE))
    latest = max(minute for minute, _ in events)
    until = draw(st.sampled_from([None, latest + 3 * MINUTES_A_DAY, latest + 60 * MINUTES_A_DAY]))
    return {
        "lines": lines,
        "timezone": draw(st.sampled_from(ZONES)),
        "bank_code": draw(st.sampled_from([None, "OWN", "BANKCNBJ", "BANKCNBJXXX"])),
        "until": None if until is None else START + timedelta(minutes=until),
    }


def _credits(draw: st.DrawFn) -> list[int]:
    minute, minutes = draw(st.integers(0, MINUTES_A_DAY)), []
    for _ in range(draw(st.integers(1, 7))):
        minutes.append(minute)
        minute += draw(paydays) * MINUTES_A_DAY + draw(st.sampled_from([0, 0, -600, 300, 900]))
    return minutes


def _pay(draw: st.DrawFn, number: int, minute: int) -> list[Event]:
    """A credit; sometimes undone, sometimes paid in two."""
    amount = draw(st.sampled_from([100_000, 333_333, 1_000_000]))
    events = [_credit(draw, f"c{number}", minute, amount, None)]
    what = draw(st.sampled_from(["plain", "plain", "plain", "plain", "undone", "split", "undone and again"]))
    later = minute + draw(st.sampled_from([1, 60, MINUTES_A_DAY, 2 * MINUTES_A_DAY]))
    if "undone" in what:
        events.append(_credit(draw, f"u{number}", later, amount, f"c{number}"))
    if what != "plain" and what != "undone":
        events.append(_credit(draw, f"s{number}", later + draw(st.sampled_from([0, 5, 900])), amount, None))
    return events


def _credit(draw: st.DrawFn, event_id: str, minute: int, amount: int, reverses: str | None) -> Event:
    return minute, _posting(draw, event_id, minute) | {
        "type": "payroll_credit",
        "amount": amount,
        "employer_id": draw(st.sampled_from(["e1", "e2"])),
        "payroll_source": "employed",
        "reverses": reverses,
    }


def _transfer(draw: st.DrawFn, number: int, payday: int) -> Event:
    day = draw(st.sampled_from([0, 0, 1, 2, 3, 6, 7, 8, 9, 20, 31, 32, -1]))
    minute = max(0, payday + day * MINUTES_A_DAY + draw(st.sampled_from([0, 0, 1, 30, 600, 899, 1000])))
    party = draw(parties)
    value = _posting(draw, f"t{number}", minute) | {
        "type": "transfer",
        "direction": draw(st.sampled_from(["out", "out", "in"])),
        "kind": draw(kinds),
        "channel": "mobile",
        "reverses": draw(st.sampled_from([None, None, None, "x"])),
        "counterparty": None if party is None else _party(*party),
    }
    return minute, value


def _habit(draw: st.DrawFn, minutes: list[int]) -> list[Event]:
    """The same transfer after each payday, give or take what a habit may and what it may not."""
    events = []
    payee = _party(*draw(payees))
    for number, payday in enumerate(minutes):
        minute = payday + draw(st.sampled_from([1, 1, 2, 3, 4, 9])) * MINUTES_A_DAY
        events.append(
            (
                minute,
                _posting(draw, f"h{number}", minute)
                | {
                    "type": "transfer",
                    "direction": "out",
                    "kind": "transfer",
                    "channel": "mobile",
                    "reverses": None,
                    "amount": draw(st.sampled_from([300_000, 300_000, 330_000, 330_001, 272_727, 272_728])),
                    "counterparty": payee,
                },
            )
        )
    return events


def _party(bank_code: str, account_ref: str) -> dict[str, Any]:
    return {"bank_code": bank_code, "account_ref": account_ref, "same_name": False}


def _posting(draw: st.DrawFn, event_id: str, minute: int) -> dict[str, Any]:
    return {
        "event_id": draw(st.sampled_from(["", "é", "\U0001f600"])) + event_id,
        "account_id": "a",
        "customer_id": "p",
        "amount": draw(amounts),
        "currency": draw(st.sampled_from(["CNY"] * 60 + ["USD"])),
        "balance_after": draw(st.sampled_from([None, 0, 5, -5])),
        "occurred_at": (START + timedelta(minutes=minute)).isoformat(),
    }


def _arrivals(draw: st.DrawFn, events: list[Event]) -> list[Event]:
    """(Minute of arrival, event) in the order of arrival: on time, late within the lateness, at its
    very edge, and across it; or, in some histories, all on time."""
    late = [0, 0, 0, 0, 60, 600, MINUTES_A_DAY - 1, MINUTES_A_DAY, MINUTES_A_DAY + 1, 2880]
    delays = st.sampled_from(late if draw(st.booleans()) else [0])
    arrivals = [(minute + draw(delays), n) for n, (minute, _) in enumerate(events)]
    return [(minute, events[n][1]) for minute, n in sorted(arrivals)]


def _with_ticks(draw: st.DrawFn, arrivals: list[Event]) -> list[dict[str, Any]]:
    """Ticks at moments of arrival, some of them smaller than one before, or minutes behind."""
    lines: list[dict[str, Any]] = []
    for minute, value in arrivals:
        if draw(st.integers(0, 3)) > 0:
            behind = draw(st.sampled_from([0, 0, 0, 0, 5, 6, 1000]))
            moment = START + timedelta(minutes=minute - behind)
            lines.append(_line({"type": "tick", "instant": moment.isoformat()}))
            lines += _wrong_ticks(draw, moment)
        lines.append(_line(value))
    return lines


def _wrong_ticks(draw: st.DrawFn, moment: datetime) -> list[dict[str, Any]]:
    """Now and then a tick of a clock that is ahead of the log's: by just what it may, or by more."""
    ahead = draw(st.sampled_from([None] * 15 + [5, 6, 500_000]))
    if ahead is None:
        return []
    tick = _line({"type": "tick", "instant": (moment + timedelta(minutes=ahead)).isoformat()})
    return [tick | {"timestamp": int(moment.timestamp() * 1_000)}]


def _line(value: dict[str, Any]) -> dict[str, Any]:
    return {"topic": JOURNAL, "key": value.get("account_id"), "value": value}
