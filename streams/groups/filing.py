"""What a group is told is filed under the 04:00 that decides on it (A2).

That is the first one later than the record's ``at``: a decision is made on the records that lie strictly before it.
Filed are sums, so the order in which records come makes no difference, and a record that is ahead of the clock,
because its journal partition runs ahead of another, waits apart from what is decided before.
"""

from datetime import date
from typing import Final

from schemas.dead import Reason, Rejection
from schemas.groups import Closed, Paid, PaidOn
from streams.fast.groups import FastClosed, FastPaid, FastPaidOn
from streams.groups import keys
from streams.groups.entries import Entries
from streams.groups.rules import GroupRules
from streams.groups.state import EARLIER, FIRST, ClosedSums, PaydaySums, Waiting

LONGEST: Final = 100
"""Days. A record is about a payday at most so long before its ``at``: no cycle of any playbook is open that long.
Previous payday dates further back than this before a payday are not told apart."""
AHEAD: Final = 1
"""Days that a payday may lie after ``at``: a posting may be some minutes ahead of the clock."""

Told = Paid | FastPaid | Closed | FastClosed


def contradiction(record: Told, rules: GroupRules) -> Rejection | None:
    """What is wrong with a record whose fields are well formed one by one."""
    dates = _dates(record)
    today = rules.days.ordinal(record.at)
    if not dates:
        return Rejection(Reason.INVALID, "was, now: one of them must not be null")
    if not today - LONGEST <= min(dates) <= max(dates) <= today + AHEAD:
        return Rejection(
            Reason.INVALID,
            f"payday: must be at most {LONGEST} days before the local day of at, and {AHEAD} after",
        )
    if isinstance(record, Closed | FastClosed):
        if record.kept > record.pay:
            return Rejection(Reason.INVALID, "kept: must not be more than pay")
    elif record.previous is not None and record.previous.toordinal() >= min(dates):
        return Rejection(Reason.INVALID, "previous: must be before the payday")
    return None


def file(entries: Entries, group: bytes, record: Told, day: int) -> bool:
    """File a record of a group under the 04:00 of ``day``. True if it is the first to wait for it."""
    is_first = _list(entries, group, record, day)
    if isinstance(record, Closed | FastClosed):
        _add(entries, group, day, record.payday, PaydaySums(closed=_closed(record)))
    else:
        previous = record.previous
        _add_paid(entries, group, day, record.was, previous, -record.count)
        _add_paid(entries, group, day, record.became, previous, record.count)
    return is_first


def _list(entries: Entries, group: bytes, record: Told, day: int) -> bool:
    # What the decision will have to look for, and whom to answer.
    key = keys.key_of(group, keys.WAITING, day)
    waiting = entries.get(key, Waiting)
    dates, heard = _dates(record), 1 << record.partition
    if waiting is None:
        entries.put(key, Waiting(sorted({*dates}), heard))
        return True
    if not waiting.heard & heard or not {*dates} <= {*waiting.dates}:
        entries.put(key, Waiting(sorted({*waiting.dates, *dates}), waiting.heard | heard))
    return False


def _dates(record: Told) -> list[int]:
    if isinstance(record, Closed | FastClosed):
        return [record.payday.toordinal()]
    return [one.payday.toordinal() for one in (record.was, record.became) if one is not None]


def _add_paid(
    entries: Entries,
    group: bytes,
    day: int,
    on: PaidOn | FastPaidOn | None,
    previous: date | None,
    heads: int,
) -> None:
    if on is not None:
        pay = on.amount if heads > 0 else -on.amount
        before = _previous(previous, on.payday)
        _add(entries, group, day, on.payday, PaydaySums(heads, pay, {before: heads}))


def _add(entries: Entries, group: bytes, day: int, payday: date, more: PaydaySums) -> None:
    key = keys.key_of(group, keys.WAITING_PAYDAY, day, payday.toordinal())
    sums = entries.get(key, PaydaySums) or PaydaySums()
    sums.add(more)
    entries.put(key, sums)


def _previous(previous: date | None, payday: date) -> int:
    if previous is None:
        return FIRST
    return previous.toordinal() if payday.toordinal() - previous.toordinal() <= LONGEST else EARLIER


def _closed(record: Closed | FastClosed) -> ClosedSums:
    count, products = record.count, record.product_count
    known = 0 if products is None else count
    each = products or 0
    return ClosedSums(
        count=count,
        pay=record.pay,
        kept=record.kept,
        moved_out=record.moved_out,
        loyal=count if record.cycle_class == "loyal" else 0,
        transfer_out=count if record.cycle_class == "transfer_out" else 0,
        spend_down=count if record.cycle_class == "spend_down" else 0,
        newly_movers=count if record.newly_mover else 0,
        known=known,
        products=each * count,
        three=count if each >= 3 else 0,
        five=count if each >= 5 else 0,
    )
