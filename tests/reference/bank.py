"""Reading the lines: the clock, and which postings survive (J5, R2, R3, R10)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.reference.model import Accepted, Outcome, Posting, Rules

Line = dict[str, Any]
Accounts = dict[str, Accepted]

TYPE_OF_TOPIC = {
    "payday.payroll-credits.v1": "payroll_credit",
    "payday.transfers.v1": "transfer",
    "payday.customer-profiles.v1": "profile",
    "payday.task-events.v1": "task_event",
}
POSTINGS = ("payroll_credit", "transfer")
OF_AN_ACCOUNT = (*POSTINGS, "profile", "task_event")
FUTURE = timedelta(minutes=5)


def read(
    lines: list[Line], zone: ZoneInfo, bank_code: str | None, rules: Rules, until: datetime | None
) -> tuple[list[Outcome], Accounts, datetime | None]:
    """The outcome of each line, the accepted postings by account in log order, and the final clock."""
    has_ticks = any(type_of(line) == "tick" for line in lines)
    outcomes: list[Outcome] = []
    accounts: Accounts = {}
    clock: datetime | None = None
    for line in lines:
        clock = _later(clock, _mover(line, has_ticks))
        reason = key_problem(line) or (future(line, clock) if has_ticks else None)
        if reason:
            outcomes.append(("dead", reason))
        elif type_of(line) not in POSTINGS:
            outcomes.append("applied")
        else:
            posting = to_posting(line, zone, bank_code)
            accepted = accounts.setdefault(posting.account_id, Accepted())
            outcomes.append(judge(posting, accepted, clock, rules))
            if outcomes[-1] == "applied":
                accepted.postings.append(posting)
                fold_what_is_too_much(accepted, clock, rules)
    return outcomes, accounts, _later(clock, until and until.astimezone(UTC))


def type_of(line: Line) -> str:
    """The topic says the type, or in the journal the value does (J2)."""
    return TYPE_OF_TOPIC.get(line["topic"]) or str(line["value"]["type"])


def instant(text: str) -> datetime:
    """RFC 3339 → UTC."""
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _later(a: datetime | None, b: datetime | None) -> datetime | None:
    return max((moment for moment in (a, b) if moment is not None), default=None)


def _mover(line: Line, has_ticks: bool) -> datetime | None:
    """J5: ticks move it; without any, well-formed postings do."""
    kind = type_of(line)
    if kind == "tick":
        return None if future(line, None) else instant(line["value"]["instant"])
    if not has_ticks and kind in POSTINGS and key_problem(line) is None:
        return instant(line["value"]["occurred_at"])
    return None


def key_problem(line: Line) -> str | None:
    """J2: the record key is the account_id."""
    if type_of(line) not in OF_AN_ACCOUNT:
        return None
    if not line.get("key"):
        return "empty_key"
    return None if line["key"] == line["value"]["account_id"] else "key_mismatch"


def future(line: Line, clock: datetime | None) -> str | None:
    """J6: more than five minutes after the later of clock and record timestamp (ms); a tick: after its
    record's timestamp."""
    stamp = line.get("timestamp")
    written = None if stamp is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=stamp)
    if type_of(line) == "tick":
        latest, judged = written, line["value"]["instant"]
    else:
        latest, judged = clock and max(clock, written or clock), line["value"].get("occurred_at")
    if latest is None or judged is None:
        return None
    return "future_timestamp" if instant(judged) > latest + FUTURE else None


def judge(posting: Posting, accepted: Accepted, clock: datetime | None, rules: Rules) -> Outcome:
    """R2 and R11 too_late, then R3 duplicate, then R10 currency, by the account's ``accepted`` postings."""
    horizon = None if clock is None else clock - rules.lateness
    if horizon is not None and posting.at < horizon:
        return "dead", "too_late"
    if accepted.folded_to is not None and posting.order <= accepted.folded_to:
        return "dead", "too_late"
    if any(p.event_id == posting.event_id for p in waiting(accepted, clock, rules)):
        return "duplicate"
    if accepted.postings and posting.currency != accepted.postings[0].currency:
        return "dead", "currency_mismatch"
    return "applied"


def waiting(accepted: Accepted, clock: datetime | None, rules: Rules) -> list[Posting]:
    """R2, R11: the postings that a late one may still precede, in R2 order."""
    return sorted(
        (
            p
            for p in accepted.postings
            if (clock is None or p.at >= clock - rules.lateness)
            and (accepted.folded_to is None or p.order > accepted.folded_to)
        ),
        key=lambda p: p.order,
    )


def fold_what_is_too_much(accepted: Accepted, clock: datetime | None, rules: Rules) -> None:
    """R11: at most ``pending_limit`` postings wait; the oldest of more are folded at once."""
    pending = waiting(accepted, clock, rules)
    for posting in pending[: max(0, len(pending) - rules.pending_limit)]:
        accepted.folded_to = posting.order
        if posting.day not in accepted.hot_days:
            accepted.hot_days.append(posting.day)


def to_posting(line: Line, zone: ZoneInfo, bank_code: str | None) -> Posting:
    """The parsed value as a posting, a transfer with the bank itself as ``internal`` (R5)."""
    value = line["value"]
    at = instant(value["occurred_at"])
    bank, ref = counterparty(value)
    kind = value.get("kind")
    if kind == "transfer" and bank is not None and bank_code is not None and same_bank(bank, bank_code):
        kind = "internal"
    return Posting(
        account_id=value["account_id"],
        event_id=value["event_id"],
        at=at,
        day=at.astimezone(zone).date(),
        credit=type_of(line) == "payroll_credit",
        reverses=value.get("reverses") is not None,
        amount=value["amount"],
        currency=value["currency"],
        balance=value.get("balance_after"),
        employer_id=value.get("employer_id"),
        payroll_source=value.get("payroll_source"),
        direction=value.get("direction"),
        kind=kind,
        counterparty=None if bank is None or ref is None else (bank, ref),
    )


def counterparty(value: dict[str, Any]) -> tuple[str | None, str | None]:
    """Its bank and its account; empty means null (J3)."""
    other = value.get("counterparty") or {}
    return other.get("bank_code") or None, other.get("account_ref") or None


def same_bank(one: str, other: str) -> bool:
    """R5: equal codes; as BICs (ISO 9362) also with and without the XXX of the head office."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    bic = len(short) == 8 and short.isascii() and short.isalnum() and short == short.upper()
    return bic and short[4:6].isalpha() and long == short + "XXX"
