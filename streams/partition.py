"""One partition of the journal: its clock, its accounts, its books. Pure: records in, outputs out.

The detector gives it the records of a record set and commits what :meth:`Partition.take` returns as
one transaction; a backtest gives it a file. Both therefore decide alike.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Final, NamedTuple

from schemas.dead import Reason, Rejection
from schemas.decode import RawRecord, check_key, type_header
from schemas.events import Tick
from schemas.instant import MINUTE
from streams import codec
from streams.account import NEVER, Account
from streams.books import Row
from streams.deadlines import DeadlineIndex
from streams.facts import Fact
from streams.pipeline import AccountEvent, Step, pass_time, step
from streams.reading import read_event
from streams.rules import Rules
from streams.tasks import Task

MILLISECOND: Final = 1_000
RECENT_ACCOUNTS: Final = 8_192
"""So many accounts, and those of one record set, are kept decoded between record sets."""
NO_ACCOUNT: Final = Account("")
"""Stands for an account of which nothing is kept."""


class DeadRecord(NamedTuple):
    """A record that was refused, and why. ``place``: among the records given since the last take."""

    place: int
    rejection: Rejection


class Outputs(NamedTuple):
    """What a number of records came to. ``changed``: account key → new value, None where it went."""

    changed: dict[bytes, bytes | None]
    tasks: list[Task]
    facts: list[Fact]
    dead: list[DeadRecord]
    row: Row


class Partition:
    """The state machine of one partition over a table of encoded accounts.

    ``stored``: account key → value as committed; it is only read. ``is_ours``: whether
    a record key belongs to this partition, None where that is not judged. ``ticking``: whether ticks move the
    clock; if not, the postings themselves do (an events file without ticks, DESIGN 2).
    """

    def __init__(
        self,
        rules: Rules,
        stored: Mapping[bytes, bytes],
        row: Row,
        *,
        is_ours: Callable[[bytes], bool] | None = None,
        ticking: bool = True,
    ) -> None:
        self.rules = rules
        self._row = deepcopy(row)
        self._clock = row.clock
        self._stored = stored
        self._is_ours = is_ours
        self._ticking = ticking
        self._held: dict[bytes, Account] = {}
        self._touched: list[bytes] = []
        self._tasks: list[Task] = []
        self._facts: list[Fact] = []
        self._dead: list[DeadRecord] = []
        # Counted here, and entered in the row's books when somebody looks at them.
        self._read, self._applied, self._duplicate = 0, 0, 0
        self._since_take = 0
        self._due: deque[tuple[int, bytes]] = deque()
        self._index = DeadlineIndex()
        for key, value in stored.items():
            self._index.move(key, NEVER, codec.deadline_of(value))
        self._notice_due()

    @property
    def clock(self) -> int | None:
        """The largest instant read, microseconds; None before the first."""
        return self._clock

    @property
    def row(self) -> Row:
        """The partition's own row, its books and clock as of the last record."""
        row = self._row
        books = row.books
        books.read += self._read
        books.applied += self._applied
        books.duplicate += self._duplicate
        self._read, self._applied, self._duplicate = 0, 0, 0
        row.clock = self._clock
        return row

    @property
    def backlog(self) -> int:
        """How many accounts wait for :meth:`work` because the clock has passed a deadline of theirs."""
        return len(self._due)

    def read_all(self, records: Iterable[RawRecord]) -> None:
        """Apply records, in order."""
        for record in records:
            self.read(record)

    def read(self, record: RawRecord, *, type_name: bytes | None = None, any_key: bool = False) -> None:
        """Apply one record. ``type_name``, ``any_key``: for a record of a type topic."""
        self._read += 1
        self._since_take += 1
        event = read_event(record.value, type_name or type_header(record))
        if isinstance(event, Rejection):
            self._refuse(event)
            return
        wrong = check_key(record.key, event, may_be_null=any_key)
        if wrong is not None:
            self._refuse(wrong)
        elif type(event) is Tick:
            self._applied += 1
            self.advance(event.instant)
        else:
            self._apply(event, record)

    def work(self, budget: int) -> None:
        """Fire due deadlines of at most ``budget`` accounts.

        It makes no difference to any decision when this is done: a deadline counts as of its due
        instant, and an account's own fire before an event of it is applied.
        """
        while self._due and budget > 0:
            budget -= 1
            minute, key = self._due.popleft()
            account = self._load(key)
            if account is None or account.due // MINUTE != minute:
                continue  # it moved, and has an entry elsewhere
            clock = self._clock
            if clock is None or account.due >= clock:
                self._index.put_back(key, account.due)
                continue
            # Its entry was taken out of the index, so whatever comes next is a new one.
            self._keep(key, NEVER, pass_time(account, clock, self.rules))

    def advance(self, instant: int) -> None:
        """Move the clock on to ``instant`` (microseconds): a tick, a posting where there are no ticks, or
        what is given for after the end of a file. It never goes back."""
        if self._clock is None or instant > self._clock:
            self._clock = instant
            self._notice_due()

    def take(self) -> Outputs:
        """What has changed since the last take; the caller commits it and stores ``changed``."""
        changed: dict[bytes, bytes | None] = {}
        for key in self._touched:
            account = self._held[key]
            account.touched = False
            value = None if account is NO_ACCOUNT else codec.encode(account)
            if value != self._stored.get(key):
                changed[key] = value
        # What was touched is likely to be touched again soon: spare it the decoding.
        if len(self._held) > RECENT_ACCOUNTS:
            self._held = {key: self._held[key] for key in self._touched}
        outputs = Outputs(changed, self._tasks, self._facts, self._dead, deepcopy(self.row))
        self._touched, self._tasks, self._facts, self._dead = [], [], [], []
        self._since_take = 0
        return outputs

    def _apply(self, event: AccountEvent, record: RawRecord) -> None:
        key = record.key or event.account_id.encode()
        account = self._load(key)
        if account is None and self._is_ours is not None and not self._is_ours(key):
            self._refuse(Rejection(Reason.WRONG_PARTITION, "produce with murmur2 partitioning of the key"))
            return
        recorded_at = None
        if not self._ticking:
            recorded_at = NEVER  # the future is not judged where nothing but the postings tells the time
            if event.type == "transfer" or event.type == "payroll_credit":
                self.advance(event.occurred_at)
        elif record.timestamp is not None:
            recorded_at = record.timestamp * MILLISECOND
        old = NEVER if account is None else account.due
        done = step(account, event, self._clock, self.rules, recorded_at)
        self._keep(key, old, done)
        if done.refused is not None:
            self._refuse(done.refused)
        elif done.duplicate:
            self._duplicate += 1
        else:
            self._applied += 1

    def _keep(self, key: bytes, old_due: int, done: Step) -> None:
        account = done.account
        if account is None:
            self._held[key] = NO_ACCOUNT
            self._touched.append(key)
        else:
            if not account.touched:
                account.touched = True
                self._held[key] = account
                self._touched.append(key)
            self._index.move(key, old_due, account.due)
        if done.tasks:
            self._tasks += done.tasks
        if done.facts:
            self._facts += done.facts

    def _load(self, key: bytes) -> Account | None:
        held = self._held.get(key)
        if held is not None:
            return None if held is NO_ACCOUNT else held
        value = self._stored.get(key)
        return None if value is None else codec.decode(value)

    def _notice_due(self) -> None:
        if self._clock is not None:
            self._due.extend(self._index.pop_due(self._clock))

    def _refuse(self, rejection: Rejection) -> None:
        self._row.books.note_dead(rejection.reason)
        self._dead.append(DeadRecord(self._since_take - 1, rejection))
