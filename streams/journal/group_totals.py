"""What the accounts of a record set tell the groups they share: the records of the groups log (A1, A4).

Only what agrees in all but its amounts is summed, the instant included, so where a record set was cut changes how
many records say it and not what they say together.
"""

from schemas.facts import CycleClass
from schemas.groups import MOST_MONEY
from schemas.instant import format_instant
from streams.calendar.days import to_date
from streams.fast.groups import FastClosed, FastPaid, FastPaidOn
from streams.state.told import Close, PaidBy

_PaidKey = tuple[int, str, int | None, int | None, int | None]
_ClosedKey = tuple[int, str, int, CycleClass, bool, int | None]
GroupWord = FastPaid | FastClosed


class GroupTotals:
    """Sums changes of paydays and closes until they are taken. ``partition``: of the journal."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._paid: dict[_PaidKey, FastPaid] = {}
        self._closed: dict[_ClosedKey, FastClosed] = {}
        self._full: list[GroupWord] = []

    def note_change(self, at: int, was: PaidBy | None, now: PaidBy | None) -> None:
        """What an employer paid appeared (``was`` None), became void (``now`` None) or changed, at ``at``
        (microseconds).

        What went to another employer, or has another payday before it, is taken back there and said here.
        """
        if was == now:
            return
        if was is None or now is None or (was.employer_id, was.previous) == (now.employer_id, now.previous):
            self._note_paid(at, was, now)
        else:
            self._note_paid(at, was, None)
            self._note_paid(at, None, now)

    def note_close(self, at: int, close: Close) -> None:
        """A cycle closed at ``at`` (microseconds)."""
        key = (at, close.employer_id, close.payday, close.cycle_class, close.newly_mover, close.product_count)
        one = self._closing(at, close)
        total = self._closed.get(key)
        if total is None:
            self._closed[key] = one
        elif max(total.pay + one.pay, abs(total.moved_out + one.moved_out)) > MOST_MONEY:
            self._full.append(total)
            self._closed[key] = one
        else:
            total.pay += one.pay
            total.kept += one.kept
            total.moved_out += one.moved_out
            total.count += 1

    def take(self) -> list[GroupWord]:
        """The records since the last take; the caller publishes them, keyed by their employer's group. Their order
        follows from what they say, and not from the order in which accounts were worked on: an instant after the other,
        what was paid before what closed."""
        paid, closed = self._paid, self._closed
        taken = [
            *self._full,
            *(paid[key] for key in sorted(paid, key=_order_of_paid)),
            *(closed[key] for key in sorted(closed, key=_order_of_closed)),
        ]
        self._full, self._paid, self._closed = [], {}, {}
        return taken

    def _note_paid(self, at: int, was: PaidBy | None, now: PaidBy | None) -> None:
        about = was or now
        assert about is not None, "there is something to say"
        key = (
            at,
            about.employer_id,
            None if was is None else was.payday,
            None if now is None else now.payday,
            about.previous,
        )
        total = self._paid.get(key)
        if total is not None and _fits(total.was, was) and _fits(total.became, now):
            _add(total.was, was)
            _add(total.became, now)
            total.count += 1
            return
        if total is not None:
            self._full.append(total)
        self._paid[key] = self._paying(at, about, was, now)

    def _paying(self, at: int, about: PaidBy, was: PaidBy | None, now: PaidBy | None) -> FastPaid:
        return FastPaid(
            employer_id=about.employer_id,
            at=format_instant(at),
            partition=self._partition,
            count=1,
            was=_paid_on(was),
            became=_paid_on(now),
            previous=None if about.previous is None else to_date(about.previous),
        )

    def _closing(self, at: int, close: Close) -> FastClosed:
        return FastClosed(
            employer_id=close.employer_id,
            at=format_instant(at),
            partition=self._partition,
            payday=to_date(close.payday),
            cycle_class=close.cycle_class,
            pay=min(close.pay, MOST_MONEY),
            kept=min(close.kept, MOST_MONEY),
            moved_out=max(-MOST_MONEY, min(close.moved_out, MOST_MONEY)),
            newly_mover=close.newly_mover,
            count=1,
            product_count=close.product_count,
        )


def _order_of_paid(key: _PaidKey) -> tuple[int, str, int, int, int]:
    at, employer, was, became, previous = key
    return at, employer, was or 0, became or 0, previous or 0  # what appears before what is taken back


def _order_of_closed(key: _ClosedKey) -> tuple[int, str, int, str, bool, int]:
    at, employer, payday, cycle_class, newly_mover, products = key
    return at, employer, payday, cycle_class, newly_mover, -1 if products is None else products


def _paid_on(standing: PaidBy | None) -> FastPaidOn | None:
    return None if standing is None else FastPaidOn(to_date(standing.payday), _amount(standing))


def _amount(standing: PaidBy) -> int:
    # A thousand credits of the largest amount in one cycle are told as what a record holds, then and when taken back.
    return min(standing.pay, MOST_MONEY)


def _fits(total: FastPaidOn | None, one: PaidBy | None) -> bool:
    return total is None or one is None or total.amount + _amount(one) <= MOST_MONEY


def _add(total: FastPaidOn | None, one: PaidBy | None) -> None:
    if total is not None and one is not None:
        total.amount += _amount(one)
