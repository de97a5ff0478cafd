"""The cycles of one account, from its whole sorted history (R4, R8)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.reference.buckets import totals
from tests.reference.model import Known, Posting, Rules, midnight


@dataclass
class Cycle:
    """What follows one payday; ``postings`` starts with the opening credit, ``next`` opens the next cycle."""

    zone: ZoneInfo
    rules: Rules
    postings: list[Posting]
    next: Posting | None = None

    @property
    def opening(self) -> Posting:
        """The credit that says employer, source, currency and payday (R4)."""
        return self.postings[0]

    @property
    def payday(self) -> date:
        """The local date of the opening credit."""
        return self.opening.day

    def day_of(self, posting: Posting) -> int:
        """Day of the cycle: local date minus payday."""
        return (posting.day - self.payday).days

    def end_of_day(self, day: int) -> datetime:
        """The local midnight after ``day`` (R1)."""
        return midnight(self.payday + timedelta(days=day + 1), self.zone)

    def until_day(self, day: int) -> list[Posting]:
        """The postings up to the end of a day."""
        end = self.end_of_day(day)
        return [p for p in self.postings if p.at < end]

    @property
    def truncated(self) -> bool:
        """R8: the next pay came before the window was over."""
        return self.next is not None and self.next.at < self.end_of_day(self.rules.window_days)

    def _last_day(self, day: int) -> int:
        """``day``, or the last whole day before the new payday if that is earlier."""
        return day if self.next is None else min(day, self.day_of(self.next) - 1)

    @property
    def last_close_day(self) -> int:
        """The last day of the curve at the close (R8)."""
        return self._last_day(self.rules.window_days)

    @property
    def last_curve_day(self) -> int:
        """The last day of the whole curve (R8)."""
        return self._last_day(self.rules.curve_days)

    @property
    def before_close(self) -> list[Posting]:
        """R8: what counts for the class."""
        return self.postings if self.truncated else self.until_day(self.rules.window_days)

    @property
    def void(self) -> bool:
        """R8: no pay left at the close."""
        return totals(self.before_close)["pay"] <= 0

    def closed_by(self, known: Known) -> bool:
        """R8: the close is final."""
        return self._final(self.rules.window_days, known)

    def ended_by(self, known: Known) -> bool:
        """R4, R8: the cycle's end is final."""
        return self._final(self.rules.curve_days, known)

    def _final(self, day: int, known: Known) -> bool:
        """By the clock, allowed_lateness after the moment; or because a posting that is not R2-earlier than
        the moment is folded (R11)."""
        end = self.end_of_day(day)
        moment = end if self.next is None else min(end, self.next.at)
        if known.clock is not None and known.clock > moment + self.rules.lateness:
            return True
        first_after = (end, b"") if self.next is None else min((end, b""), self.next.order)
        return known.folded_to is not None and known.folded_to >= first_after


def split(postings: list[Posting], zone: ZoneInfo, rules: Rules) -> list[Cycle]:
    """R4: sorted postings → cycles. What lies outside any cycle is left out."""
    cycles: list[Cycle] = []
    for posting in postings:
        last = cycles[-1] if cycles else None
        current = last if last and last.day_of(posting) <= rules.curve_days else None
        if _opens(posting, current, rules):
            if last:
                last.next = posting
            cycles.append(Cycle(zone, rules, [posting]))
        elif current:
            current.postings.append(posting)
    return cycles


def _opens(posting: Posting, current: Cycle | None, rules: Rules) -> bool:
    """R4: a credit opens a cycle if there is none, or if its payday is merge_days or more ago."""
    if not posting.credit or posting.reverses:
        return False
    return current is None or current.day_of(posting) >= rules.merge_days
