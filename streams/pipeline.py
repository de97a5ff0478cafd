"""The service in one function: ``step(account, event, clock) → Step(account, emitted)``.

Everything that can change a decision is an argument. The journal is a sequence of events; the
detector, a replay, a backtest and an audit all fold it through :func:`step`, so they decide alike.

What happens to an event:

1. the account's own deadlines that the clock has passed fire first, each as of its due instant;
2. what nothing can precede any more is folded: buckets, curve, closes (``reorder``, ``ledger``);
3. the event is judged: too far ahead, too late, a duplicate, another currency (R2, R3, R10);
4. it joins the pending postings, and R9 is evaluated over all of them (``engine``);
5. what it changes of who paid the account when is told to the groups of its employers (``employers``);
6. where too many wait, the oldest are folded before their time (``hot``).
"""

from typing import Final

from schemas.dead import Reason, Rejection
from schemas.events import Profile, TaskEvent
from schemas.instant import MINUTE, SECOND
from streams.accounting import deadlines, employers, hot, reorder
from streams.fast.emitted import Emitted
from streams.intervention import engine
from streams.playbook.rules import Rules
from streams.state.account import Account
from streams.state.posting import Posting, PostingEvent, posting_of
from streams.state.told import Told

FUTURE = 5 * MINUTE
"""How far an event may lie ahead of the clock and of the record's timestamp (J6)."""

_FOLDED_PAST: Final = (
    "occurred_at: must be later than what was folded because too many postings waited (pending_limit)"
)
_IN_THE_FUTURE: Final = (
    "occurred_at: is over 5 minutes after the record's timestamp; mend the producer's clock or offset"
)

AccountEvent = PostingEvent | Profile | TaskEvent


class Step:
    """What one event, or the passing of time, did to one account.

    ``account``: its state now, None if nothing is kept of it. ``emitted``: what is to be published, in the
    order in which it arose. ``refused``: why the event was not applied, None if it was. A duplicate is
    neither applied nor refused. ``told``: what the groups of its employers are told, in order (A1); None for nothing.
    """

    def __init__(
        self,
        account: Account | None,
        emitted: list[Emitted],
        refused: Rejection | None = None,
        duplicate: bool = False,
        told: list[Told] | None = None,
    ) -> None:
        self.account = account
        self.emitted = emitted
        self.refused = refused
        self.duplicate = duplicate
        self.told = told


def step(
    account: Account | None,
    event: AccountEvent,
    clock: int | None,
    rules: Rules,
    recorded_at: int | None = None,
) -> Step:
    """Apply one event to one account. The account given is used up: only the one returned is valid.

    ``clock``: the partition's, microseconds, None before the first tick; ``recorded_at``: the
    record's timestamp, microseconds, None where the future is not judged.
    """
    emitted: list[Emitted] = []
    told: list[Told] | None = None
    if account is not None and clock is not None and account.due < clock:
        passed = pass_time(account, clock, rules)
        account, emitted, told = passed.account, passed.emitted, passed.told
    if account is None:
        account = Account(event.account_id)
    done = _apply(account, event, clock, rules, recorded_at, emitted)
    if account.news is not None:  # folded before its time (R11), or a reversal that no deadline waits for
        done.told = [*(done.told or []), *employers.final(account, clock, rules)]
    if told is not None:
        done.told = [*told, *(done.told or [])]
    return done


def pass_time(account: Account, clock: int, rules: Rules) -> Step:
    """Fire the account's deadlines that the clock (microseconds) has passed, each as of its due
    instant, so that it makes no difference when, and in which slice, they are fired."""
    emitted: list[Emitted] = []
    told: list[Told] | None = None
    while account.due < clock:
        due = account.due
        rules = rules.at(due)  # by when it was due, whatever has been read since (A6)
        emitted.extend(reorder.settle(account, due + 1 - rules.lateness, rules))
        if account.news is not None:
            told = [*(told or []), *employers.final(account, due, rules)]
        if deadlines.is_over(account, due + 1):
            return Step(None, emitted, told=told)
        account.due = deadlines.next_deadline(account, rules)
    return Step(account, emitted, told=told)


def _apply(
    account: Account,
    event: AccountEvent,
    clock: int | None,
    rules: Rules,
    recorded_at: int | None,
    emitted: list[Emitted],
) -> Step:
    if event.type == "profile":
        account.set_profile(event)
        return _done(account, emitted, rules)
    if _is_future(event.occurred_at, clock, recorded_at):
        return _refused(account, emitted, Reason.FUTURE_TIMESTAMP, _IN_THE_FUTURE)
    if event.type == "task_event":
        return _kept(account, emitted)
    return _post(account, event, clock, rules, emitted)


def _post(
    account: Account,
    event: PostingEvent,
    clock: int | None,
    rules: Rules,
    emitted: list[Emitted],
) -> Step:
    posting = posting_of(event, rules.bank_codes)
    if clock is not None:
        horizon = clock - rules.lateness
        emitted += reorder.settle(account, horizon, rules)
        if posting.at < horizon:
            return _refused(account, emitted, Reason.TOO_LATE, _too_late(clock - posting.at, rules))
    if reorder.is_folded_past(account, posting):
        return _refused(account, emitted, Reason.TOO_LATE, _FOLDED_PAST)
    if reorder.is_duplicate(account, posting.event_id):
        return _kept(account, emitted, duplicate=True)
    currency = event.currency
    if account.currency is None:
        account.currency = currency
    elif account.currency != currency:
        detail = f"currency: must be {account.currency}, as in the account's earlier postings"
        return _refused(account, emitted, Reason.CURRENCY_MISMATCH, detail)
    if posting.is_pay:
        return _pay(account, posting, clock, rules, emitted)
    reorder.insert(account, posting)
    emitted += engine.posted(account, posting, rules)
    over = len(account.pending) - rules.pending_limit
    if over > 0:
        emitted += hot.fold_oldest(account, over, rules)
    elif account.cycle is not None:
        return Step(account, emitted)  # the cycle's deadlines stand: nothing else can come first
    return _done(account, emitted, rules)


def _pay(account: Account, posting: Posting, clock: int | None, rules: Rules, emitted: list[Emitted]) -> Step:
    reorder.insert(account, posting)
    emitted += engine.posted(account, posting, rules)
    told = employers.paid(account, clock, rules)
    over = len(account.pending) - rules.pending_limit
    if over > 0:
        emitted += hot.fold_oldest(account, over, rules)
    done = _done(account, emitted, rules)
    done.told = told or None
    return done


def _too_late(displacement: int, rules: Rules) -> str:
    late, allowed = -(-displacement // SECOND), rules.lateness // SECOND
    return f"occurred_at: is {late} s before the clock, must be at most {allowed} s (allowed_lateness_hours)"


def _is_future(occurred_at: int, clock: int | None, recorded_at: int | None) -> bool:
    if clock is None or (recorded_at is not None and recorded_at > clock):
        clock = recorded_at
    return clock is not None and occurred_at > clock + FUTURE


def _done(account: Account, emitted: list[Emitted], rules: Rules) -> Step:
    account.due = deadlines.next_deadline(account, rules)
    return Step(account, emitted)


def _kept(
    account: Account, emitted: list[Emitted], refused: Rejection | None = None, *, duplicate: bool = False
) -> Step:
    # An event that leaves no trace must not leave an empty account behind either.
    empty = deadlines.is_bare(account) and not account.pending
    return Step(None if empty else account, emitted, refused, duplicate)


def _refused(account: Account, emitted: list[Emitted], reason: Reason, detail: str) -> Step:
    return _kept(account, emitted, Rejection(reason, detail))
