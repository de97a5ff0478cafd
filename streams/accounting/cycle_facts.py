"""Facts of a closed cycle and of an ended one (R8, O2)."""

from datetime import date
from hashlib import sha1
from typing import Final
from uuid import UUID

from schemas.instant import format_instant
from streams.accounting import curve, retention
from streams.accounting.curve import Day
from streams.calendar.days import to_date
from streams.fast.facts import FastFact, FastPlaybookRef, FastPoint
from streams.fast.facts.account_cycle import FastAccountCycle
from streams.fast.facts.curve_point import FastCurve
from streams.fast.facts.outflow import FastLeaving, FastOutflow
from streams.playbook.rules import Rules
from streams.state.account import Account, Cycle

NAMESPACE: Final = UUID("6f1c2f0e-6a3b-5d0b-9c64-7d1f5e0b8a11")
"""The namespace of every deterministic id of this service."""
_SHA1: Final = sha1(NAMESPACE.bytes, usedforsecurity=False)
_VARIANT: Final = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
"""RFC 9562: the first two bits of the ninth byte say how a UUID is laid out."""

_Common = tuple[str, str, str, date, str, str | None, FastPlaybookRef, str, str]
"""What all facts of a cycle begin with, see ``facts.CycleFact``."""


def deterministic_id(*parts: object) -> str:
    """UUIDv5 of what something is about. A unit separator keeps ('a', 'bc') apart from ('ab', 'c')."""
    # As uuid5() makes it, in a fifth of the time: every fact has one.
    digest_so_far = _SHA1.copy()
    digest_so_far.update("\x1f".join([str(part) for part in parts]).encode())
    text = digest_so_far.digest().hex()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


class _About:
    """What the facts of a cycle have in common, found once."""

    def __init__(self, account: Account, cycle: Cycle, rules: Rules) -> None:
        profile = account.profile_of() if account.has_profile else None
        self._account_id = account.account_id
        self._payday = to_date(cycle.payday)
        self._employer = cycle.employer
        self._segment = None if profile is None else profile.segment
        self._playbook = rules.playbook
        self._source = cycle.source
        self._currency = account.currency or ""

    def fields(self, kind: str, *more: int) -> _Common:
        """The first fields of a fact, in order. ``more``: what tells it from others of its kind and cycle."""
        return (
            kind,
            deterministic_id(self._account_id, self._payday, kind, *more),
            self._account_id,
            self._payday,
            self._employer,
            self._segment,
            self._playbook,
            self._source,
            self._currency,
        )


def at_close(account: Account, cycle: Cycle, at: int, truncated: bool, rules: Rules) -> list[FastFact]:
    """The facts of a cycle that closes at ``at`` (microseconds)."""
    about = _About(account, cycle, rules)
    window = curve.days(cycle.curve)[: rules.window_days + 1]
    closed = FastAccountCycle(
        *about.fields("account_cycle"),
        cycle.pay,
        cycle.moved_out,
        cycle.spent,
        cycle.invested,
        cycle.returned,
        [retention.text(share) for share, _ in window],
        [balance for _, balance in window],
        cycle.cycle_class,
        truncated,
        sorted([hit.rule for hit in cycle.hits]),
        cycle.habitual_out,
        format_instant(at),
    )
    facts: list[FastFact] = [closed]
    if window:
        facts.append(_curve(about, 0, window))
    most = rules.leaving_limit
    for place in range(0, len(cycle.leaving), most):
        facts.append(_outflow(about, cycle, place, most))
    return facts


def before_close(account: Account, cycle: Cycle, rules: Rules) -> FastOutflow:
    """The oldest leaving transfers that a cycle holds, as many as one fact carries (R11)."""
    return _outflow(_About(account, cycle, rules), cycle, 0, rules.leaving_limit)


def at_end(account: Account, cycle: Cycle, rules: Rules) -> list[FastFact]:
    """The rest of the curve, days after the window, when a cycle has ended."""
    first = rules.window_days + 1
    rest = curve.days(cycle.curve)[first:]
    return [_curve(_About(account, cycle, rules), first, rest)] if rest else []


def _curve(about: _About, first: int, days: list[Day]) -> FastCurve:
    points = [
        FastPoint(day, retention.text(share), balance) for day, (share, balance) in enumerate(days, first)
    ]
    return FastCurve(*about.fields("curve_point", first), points)


def _outflow(about: _About, cycle: Cycle, place: int, most: int) -> FastOutflow:
    # ``place``: among those that are held. The first fact of a cycle has the id it has where it is the only one.
    first = cycle.let_go + place
    transfers = [
        FastLeaving(
            one.event_id, format_instant(one.at), one.day, one.hour, one.bank, one.amount, one.habitual
        )
        for one in cycle.leaving[place : place + most]
    ]
    common = about.fields("outflow", first) if first > 0 else about.fields("outflow")
    return FastOutflow(*common, transfers)
