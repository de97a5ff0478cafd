"""The fold: postings in R2 order → cycles, buckets, curve, closes (R4 to R9).

A ledger works on the account itself, where what it folds is final, or on a fork of it, where the
postings that may still be preceded by a late one are counted provisionally.
"""

from streams.accounting import curve, cycle_ends, cycle_facts, retention
from streams.detection import flags
from streams.detection.habit import habits_of, usual
from streams.detection.pattern import REMEMBERED
from streams.fast.facts import FastFact
from streams.playbook.rules import Rules
from streams.state.account import Account, Cycle
from streams.state.posting import Effect, Posting
from streams.state.remembered import LeavingTransfer, Past


class Ledger:
    """Folds postings into a cycle. ``facts`` collects what closes; None while it is only provisional."""

    def __init__(self, account: Account, rules: Rules, facts: list[FastFact] | None) -> None:
        self._account = account
        self._rules = rules
        self._history: list[Past] | None = None
        self.cycle = account.cycle
        self.facts = facts
        self.left_behind: list[Cycle] = []

    @staticmethod
    def fork(account: Account, rules: Rules) -> "Ledger":
        """A provisional ledger: it starts from the folded state and leaves it alone."""
        ledger = Ledger(account, rules, None)
        if account.cycle is not None:
            ledger.cycle = account.cycle.fork()
        return ledger

    def again(self) -> "Ledger":
        """A provisional ledger that goes on from where this one, itself provisional, stands."""
        ledger = Ledger(self._account, self._rules, None)
        ledger._history = self.history[:]
        ledger.left_behind = self.left_behind[:]
        ledger.cycle = None if self.cycle is None else self.cycle.fork()
        return ledger

    @property
    def history(self) -> list[Past]:
        """The cycles that have ended, the oldest first; a provisional ledger's own."""
        history = self._history
        if history is None:
            history = self._account.history
            if self.facts is None:
                history = history[:]
            self._history = history
        return history

    def post(self, posting: Posting) -> None:
        """Count one posting; R2 order is the caller's."""
        cycle = self.cycle
        if cycle is not None and posting.at >= cycle.day_ends:
            self.pass_days(posting.at)
            cycle = self.cycle
        if posting.effect == Effect.CREDIT and (cycle is None or cycle.day >= self._of(cycle).merge_days):
            self._open(posting)
        elif cycle is not None:
            self._count(cycle, posting)

    def _of(self, cycle: Cycle) -> Rules:
        # A cycle goes by one edition from its opening to its end (B2).
        return self._rules.of_edition(cycle.edition)

    def pass_days(self, instant: int) -> None:
        """End every day that is over at ``instant`` (microseconds): curve, close, end of the cycle."""
        while (cycle := self.cycle) is not None and cycle.day_ends <= instant:
            rules = self._of(cycle)
            cycle.curve += curve.packed(retention.millionths(cycle.pay, cycle.gone), cycle.balance)
            # Not "==": a first playbook may be read after days were folded early (R11), with a shorter window.
            if not cycle.closed and cycle.day >= rules.window_days:
                self._close(cycle, cycle.day_ends, truncated=False)
            if cycle.day >= rules.curve_days:
                self._end(cycle)
            else:
                cycle.day += 1
                cycle.day_ends = rules.days.midnight(cycle.payday + cycle.day + 1)

    def _open(self, posting: Posting) -> None:
        if self.cycle is not None:
            if not self.cycle.closed:
                self._close(self.cycle, posting.at, truncated=True)
            self._end(self.cycle)
        elif self.facts is not None:
            self._account.decode_employers()
        rules = self._rules.at(posting.at)
        days = rules.days
        payday = days.ordinal(posting.at)
        self.cycle = Cycle(
            payday=payday,
            employer=posting.who or "",
            source=posting.where or "",
            customer=posting.customer or "",
            day=0,
            day_ends=days.midnight(payday + 1),
            pay=posting.amount,
            balance=posting.balance,
            edition=rules.edition,
        )

    def _count(self, cycle: Cycle, posting: Posting) -> None:
        amount = posting.amount
        if posting.balance is not None:
            cycle.balance = posting.balance
        effect = posting.effect
        if effect == Effect.SPENT:
            cycle.spent += amount
        elif effect == Effect.LEAVING:
            cycle.moved_out += amount
            self._note_leaving(cycle, posting)
        elif effect == Effect.RETURNED:
            cycle.returned += amount
        elif effect == Effect.INVESTED:
            cycle.invested += amount
        elif effect == Effect.CREDIT:
            cycle.pay += amount
        elif effect == Effect.LESS_SPENT:
            cycle.spent -= amount
        elif effect == Effect.LESS_INVESTED:
            cycle.invested -= amount
        elif effect == Effect.LESS_CREDIT:
            cycle.pay -= amount
        elif effect == Effect.LESS_MOVED_OUT:
            cycle.moved_out -= amount
            if posting.who is not None:
                flags.note_undone(cycle, posting.who, self._of(cycle))
        elif effect == Effect.LESS_RETURNED:
            cycle.returned -= amount

    def _note_leaving(self, cycle: Cycle, posting: Posting) -> None:
        rules = self._of(cycle)
        # Later days of the curve can never match a transfer inside the window.
        if cycle.day > rules.window_days + rules.habit_days:
            return
        habit = None
        if not cycle.closed:
            habit = usual(posting, cycle.day, self.history, rules) if posting.who is not None else None
            flags.note_hits(cycle, posting, habit, rules)
            if habit is not None:
                cycle.habitual_out += posting.amount
                cycle.large_habit |= flags.is_single_large(cycle.pay, posting.amount, rules)
        cycle.leaving.append(
            LeavingTransfer(
                posting.event_id,
                posting.at,
                cycle.day,
                rules.days.hour(posting.at),
                posting.amount,
                posting.where,
                posting.who,
                habit is not None,
            )
        )
        while len(cycle.leaving) > 2 * rules.leaving_limit:
            self._let_go(cycle, rules)

    def _let_go(self, cycle: Cycle, rules: Rules) -> None:
        # R11: the oldest are published before the close; after it all that belongs to the window has been.
        if self.facts is not None and not cycle.closed:
            self.facts.append(cycle_facts.before_close(self._account, cycle, rules))
        del cycle.leaving[: rules.leaving_limit]
        cycle.let_go += rules.leaving_limit

    def _close(self, cycle: Cycle, at: int, *, truncated: bool) -> None:
        cycle.closed = True
        if cycle.pay <= 0:
            return  # void: no fact, no history, but it bounds its neighbours (R8)
        rules = self._of(cycle)
        if retention.is_loyal(cycle.pay, cycle.gone, rules.loyal):
            cycle.cycle_class = "loyal"
        else:
            cycle.cycle_class = "transfer_out" if cycle.moved_out >= cycle.spent else "spend_down"
        if self.facts is not None:
            self.facts.extend(cycle_facts.at_close(self._account, cycle, at, truncated, rules))
            news = self._account.news_to_tell()
            news.closed.append(cycle_ends.close_of(self._account, cycle, self.history))

    def _end(self, cycle: Cycle) -> None:
        if cycle.cycle_class is not None:
            rules = self._of(cycle)
            lately = cycle.leaving[-rules.leaving_limit :]
            history = self.history
            history.append(Past(cycle.payday, cycle.cycle_class, habits_of(lately), cycle.large_habit))
            del history[: -max(REMEMBERED, rules.habit_of_last)]
            if self.facts is not None:
                self.facts.extend(cycle_facts.at_end(self._account, cycle, rules))
        if self.facts is not None:
            self._remember(cycle)
        self.left_behind.append(cycle)
        self.cycle = None

    def _remember(self, cycle: Cycle) -> None:
        account = self._account
        account.decode_employers()
        if cycle.pay > 0:
            account.news_to_tell().ended.append(cycle_ends.paid_by(cycle, account.employers))
            account.employers = cycle_ends.remembered(account.employers, cycle.employer, cycle.payday)
