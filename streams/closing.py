"""Facts of a closed cycle and of an ended one (DESIGN R8, 6)."""

from hashlib import sha1
from typing import Any, Final
from uuid import UUID

from schemas.instant import format_instant
from streams import curve, retention
from streams.account import Account, Cycle
from streams.curve import Day
from streams.days import to_date
from streams.facts import AccountCycle, Curve, Fact, Gone, Outflow, Playbook, Point
from streams.rules import Rules

NAMESPACE: Final = UUID("6f1c2f0e-6a3b-5d0b-9c64-7d1f5e0b8a11")
"""The namespace of every deterministic id of this service."""
_SHA1: Final = sha1(NAMESPACE.bytes, usedforsecurity=False)


def deterministic_id(*parts: object) -> str:
    """UUIDv5 of what something is about. A unit separator keeps ('a', 'bc') apart from ('ab', 'c')."""
    # As uuid5() makes it, in a fifth of the time: every fact has one.
    digest_so_far = _SHA1.copy()
    digest_so_far.update("\x1f".join([str(part) for part in parts]).encode())
    digest = bytearray(digest_so_far.digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def at_close(account: Account, cycle: Cycle, at: int, truncated: bool, rules: Rules) -> list[Fact]:
    """The facts of a cycle that closes at ``at`` (microseconds)."""
    window = curve.days(cycle.curve)[: rules.window_days + 1]
    closed = AccountCycle(
        **_about(account, cycle, rules, "account_cycle"),
        pay=cycle.pay,
        moved_out=cycle.moved_out,
        spent=cycle.spent,
        invested=cycle.invested,
        returned=cycle.returned,
        retained=[retention.text(share) for share, _ in window],
        balance=[balance for _, balance in window],
        cycle_class=cycle.cycle_class,
        truncated=truncated,
        flags=sorted([hit.rule for hit in cycle.hits]),
        habitual_out=cycle.habitual_out,
        closed_at=format_instant(at),
    )
    facts: list[Fact] = [closed]
    if window:
        facts.append(_curve(account, cycle, rules, 0, window))
    if cycle.leaving:
        facts.append(_outflow(account, cycle, rules))
    return facts


def at_end(account: Account, cycle: Cycle, rules: Rules) -> list[Fact]:
    """The rest of the curve, days after the window, when a cycle has ended."""
    first = rules.window_days + 1
    rest = curve.days(cycle.curve)[first:]
    return [_curve(account, cycle, rules, first, rest)] if rest else []


def _curve(account: Account, cycle: Cycle, rules: Rules, first: int, days: list[Day]) -> Curve:
    return Curve(
        **_about(account, cycle, rules, "curve_point", first),
        points=[
            Point(day, retention.text(share), balance) for day, (share, balance) in enumerate(days, first)
        ],
    )


def _outflow(account: Account, cycle: Cycle, rules: Rules) -> Outflow:
    return Outflow(
        **_about(account, cycle, rules, "outflow"),
        transfers=[
            Gone(one.event_id, format_instant(one.at), one.day, one.hour, one.bank, one.amount, one.habitual)
            for one in cycle.leaving
        ],
    )


def _about(account: Account, cycle: Cycle, rules: Rules, kind: str, *more: object) -> dict[str, Any]:
    payday = to_date(cycle.payday)
    profile = account.profile_of() if account.has_profile else None
    return {
        "fact": kind,
        "fact_id": deterministic_id(account.account_id, payday, kind, *more),
        "account_id": account.account_id,
        "cycle_payday": payday,
        "employer_id": cycle.employer,
        "segment": None if profile is None else profile.segment,
        "playbook": Playbook(rules.playbook.name, rules.playbook.version),
        "payroll_source": cycle.source,
        "currency": account.currency or "",
    }
