"""The state of an account, as the rules work on it; ``codec`` turns it into bytes and back.

Plain classes with a constructor, since these are what a compiled pipeline reads and writes for every
event (see ``setup.py``). What is seldom needed stays encoded until somebody asks for it.
"""

from typing import Final

import msgspec

from schemas.events import Profile
from streams.state.posting import Posting
from streams.state.profile import KnownProfile
from streams.state.remembered import Hit, LeavingTransfer, OpenTask, Past
from streams.state.told import News, PaidBy
from streams.state.waiting import FEW, Waiting

NEVER: Final = 2**63 - 1
AS_FOLDED: Final = b"\xc0"
"""Stands for what was told where no credit waits: the payday of the open cycle, as it is folded."""

_HISTORY: Final = msgspec.msgpack.Decoder(list[Past], strict=False)
_LEAVING: Final = msgspec.msgpack.Decoder(list[LeavingTransfer], strict=False)
_ALERTS: Final = msgspec.msgpack.Decoder(list[OpenTask], strict=False)
_EMPLOYERS: Final = msgspec.msgpack.Decoder(int | list[tuple[str, int]])
_TOLD: Final = msgspec.msgpack.Decoder(list[tuple[str, int, int, int | None]], strict=False)
_ORIGINS: Final = msgspec.msgpack.Decoder(list[tuple[int, bool]])
_PROFILE: Final = msgspec.msgpack.Decoder(KnownProfile)
_ENCODER: Final = msgspec.msgpack.Encoder()


class Cycle:
    """What follows one payday (R4 to R9). ``payday``: ordinal; ``day_ends``: instant at which
    the current day ends; ``curve``: each whole day so far, packed (see ``curve``); money in minor units.
    ``packed_leaving``: the leaving transfers that are still held, a list or its encoding; ``let_go``: how many came
    before them (R11); ``undone``: the event_ids of transfers that a posting of the cycle reverses by name, in the
    order of those (a dict, for its keys); ``edition``: of the playbook that holds for it (B2)."""

    def __init__(
        self,
        payday: int,
        employer: str,
        source: str,
        customer: str,
        day: int,
        day_ends: int,
        pay: int,
        moved_out: int = 0,
        spent: int = 0,
        invested: int = 0,
        returned: int = 0,
        balance: int | None = None,
        habitual_out: int = 0,
        large_habit: bool = False,
        curve: bytes = b"",
        hits: list[Hit] | None = None,
        packed_leaving: list[LeavingTransfer] | msgspec.Raw | None = None,
        closed: bool = False,
        cycle_class: str | None = None,
        undone: dict[str, None] | None = None,
        edition: int = 0,
        let_go: int = 0,
    ) -> None:
        self.payday = payday
        self.employer = employer
        self.source = source
        self.customer = customer
        self.day = day
        self.day_ends = day_ends
        self.pay = pay
        self.moved_out = moved_out
        self.spent = spent
        self.invested = invested
        self.returned = returned
        self.balance = balance
        self.habitual_out = habitual_out
        self.large_habit = large_habit
        self.curve = curve
        self.hits: list[Hit] = [] if hits is None else hits
        self.packed_leaving: list[LeavingTransfer] | msgspec.Raw = (
            [] if packed_leaving is None else packed_leaving
        )
        self.closed = closed
        self.cycle_class = cycle_class
        self.undone: dict[str, None] = {} if undone is None else undone
        self.edition = edition
        self.let_go = let_go

    @property
    def leaving(self) -> list[LeavingTransfer]:
        """The transfers that left, in R2 order; of very many the last."""
        leaving = self.packed_leaving
        if not isinstance(leaving, list):
            leaving = self.packed_leaving = _LEAVING.decode(leaving)
        return leaving

    @property
    def gone(self) -> int:
        """What left the account and did not come back, minor units (R6)."""
        return self.moved_out + self.spent - self.returned

    def fork(self) -> "Cycle":
        """A copy that can be changed without changing this one."""
        return Cycle(
            self.payday,
            self.employer,
            self.source,
            self.customer,
            self.day,
            self.day_ends,
            self.pay,
            self.moved_out,
            self.spent,
            self.invested,
            self.returned,
            self.balance,
            self.habitual_out,
            self.large_habit,
            self.curve,
            self.hits[:],
            self.leaving[:],
            self.closed,
            self.cycle_class,
            self.undone.copy(),
            self.edition,
            self.let_go,
        )


class Account:
    """All the service knows of an account. ``pending``: postings in R2 order that may still be
    preceded by a late one; everything before them is folded into ``cycle`` and ``history``.
    ``due``: the next deadline, microseconds. ``packed_history``, ``packed_alerts``: a list or its encoding;
    ``packed_origins``: the editions of the latter and whether they go out, as long as it is its encoding;
    ``profile``: its encoding, empty for none.
    ``folded_to``: the R2 order of the last posting that was folded because too many waited (R11).
    ``packed_employers``: of ``employers``, a list or its encoding. ``packed_told``: what the groups were told of
    paydays that may still change (A1), a list, its encoding or ``AS_FOLDED``; empty for nothing.
    ``provisional`` (see ``provisional``), ``waiting`` and ``news``, what has become final and is not told yet, are made
    when they are needed, and not stored."""

    def __init__(
        self,
        account_id: str,
        currency: str | None = None,
        last_at: int = -NEVER,
        pending: list[Posting] | None = None,
        cycle: Cycle | None = None,
        packed_history: list[Past] | bytes | None = None,
        alerts: list[OpenTask] | None = None,
        profile: bytes = b"",
        due: int = NEVER,
        folded_to: tuple[int, str] | None = None,
    ) -> None:
        self.account_id = account_id
        self.currency = currency
        self.last_at = last_at
        self.pending: list[Posting] = [] if pending is None else pending
        self.cycle = cycle
        self.packed_history: list[Past] | bytes = [] if packed_history is None else packed_history
        self.packed_alerts: list[OpenTask] | bytes = [] if alerts is None else alerts
        self.packed_origins = b""
        self.profile = profile
        self.due = due
        self.folded_to = folded_to
        self.packed_employers: list[tuple[str, int]] | bytes = b""
        self.packed_told: list[PaidBy] | bytes = b""
        self.news: News | None = None
        self.provisional: object | None = None
        self.waiting: Waiting | None = None

    def many_waiting(self) -> Waiting | None:
        """The index of the pending postings; None where they are so few that it does not pay."""
        if len(self.pending) <= FEW:
            self.waiting = None
        elif self.waiting is None:
            self.waiting = Waiting(self.pending)
        return self.waiting

    @property
    def history(self) -> list[Past]:
        """The cycles that have ended, the oldest first."""
        history = self.packed_history
        if not isinstance(history, list):
            history = self.packed_history = _HISTORY.decode(history)
        return history

    @property
    def has_history(self) -> bool:
        """Whether a cycle has ended that is remembered."""
        return len(self.packed_history) > 0

    @property
    def employers(self) -> list[tuple[str, int]]:
        """The last employers, and the payday (ordinal) of the last cycle with each that has ended with pay."""
        employers = self.packed_employers
        if isinstance(employers, bytes):
            packed: int | list[tuple[str, int]] = _EMPLOYERS.decode(employers) if employers else []
            if isinstance(packed, int):
                assert self.cycle is not None, "days are counted from the open cycle's payday"
                packed = [(self.cycle.employer, self.cycle.payday - packed)]
            employers = self.packed_employers = packed
        return employers

    @employers.setter
    def employers(self, employers: list[tuple[str, int]]) -> None:
        self.packed_employers = employers

    def decode_employers(self) -> None:
        """Before another cycle is open than the one beside which they were written."""
        self.employers = self.employers

    @property
    def told(self) -> list[PaidBy]:
        """What the groups were told of paydays that may still change; not where it is ``AS_FOLDED``."""
        told = self.packed_told
        if isinstance(told, bytes):
            assert told != AS_FOLDED, "it is the open cycle's"
            told = self.packed_told = [PaidBy(*one) for one in _TOLD.decode(told)] if told else []
        return told

    @property
    def told_as_folded(self) -> bool:
        """Whether the groups were told of the one payday of the open cycle as it is folded."""
        return self.packed_told == AS_FOLDED

    @property
    def has_told(self) -> bool:
        """Whether the groups were told of a payday that may still change."""
        return len(self.packed_told) > 0

    def news_to_tell(self) -> News:
        """What has become final, to add to."""
        if self.news is None:
            self.news = News()
        return self.news

    @property
    def alerts(self) -> list[OpenTask]:
        """The alerts of cycles that are not final, or may come back."""
        alerts = self.packed_alerts
        if not isinstance(alerts, list):
            alerts = self.packed_alerts = _ALERTS.decode(alerts)
            if self.packed_origins:
                for alert, (edition, inward) in zip(
                    alerts, _ORIGINS.decode(self.packed_origins), strict=True
                ):
                    alert.edition, alert.inward = edition, inward
        return alerts

    @alerts.setter
    def alerts(self, alerts: list[OpenTask]) -> None:
        self.packed_alerts = alerts

    @property
    def has_alerts(self) -> bool:
        """Whether there is an alert."""
        return len(self.packed_alerts) > 0

    def profile_of(self) -> KnownProfile | None:
        """The customer's profile, decoded on demand."""
        known: KnownProfile | None = _PROFILE.decode(self.profile) if self.profile else None
        return known

    def set_profile(self, event: Profile) -> None:
        """Keep what later decisions need of a profile event."""
        self.profile = _ENCODER.encode(KnownProfile.of(event))

    @property
    def has_profile(self) -> bool:
        """Whether a profile event was read."""
        return len(self.profile) > 0
