"""One partition of the journal: its clock, its accounts, its books (J1, J5, X4). Pure: records in, outputs out.

The detector gives it the records of a record set and commits what :meth:`Partition.take` returns as
one transaction; a backtest gives it a file. Both therefore decide alike.
"""

from collections.abc import Callable, Sequence
from typing import Final, cast

from schemas.answers import EmployerAnswer
from schemas.broadcasts import Broadcast
from schemas.dead import Reason, Rejection
from schemas.decode import KEYLESS, RawRecord, check_key, type_header
from schemas.events import Tick
from streams.fast.decode import Read, read_event
from streams.fast.emitted import Emitted
from streams.journal.accounts import Accounts
from streams.journal.ahead import playbook_of
from streams.journal.books import Books, PartitionRow
from streams.journal.moment import Mark, Moment, OutOfTurnError
from streams.journal.outputs import DeadRecord, Outputs
from streams.journal.standing import Standing
from streams.journal.to_groups import ToGroups
from streams.pipeline import FUTURE, AccountEvent, step
from streams.playbook.rules import BEGINNING, InForce, Rules
from streams.state.account import NEVER, Account

MILLISECOND: Final = 1_000


class Partition:
    """The state machine of one partition over a table of encoded accounts.

    ``rules``: the first playbook, for a table that has none yet. ``stored``: account key → value as committed,
    and the control rows (A5); it is only read. ``number``: the partition's, which its facts and what it tells the
    groups name, of ``partitions`` that the journal has. ``is_ours``: whether a record key belongs to this partition,
    None where that is not judged. ``ticking``: whether ticks move the clock; if not, the postings themselves do (an
    events file without ticks, J5).
    """

    def __init__(
        self,
        rules: Rules,
        stored: dict[bytes, bytes],
        row: PartitionRow,
        *,
        number: int = 0,
        partitions: int = 1,
        is_ours: Callable[[bytes], bool] | None = None,
        ticking: bool = True,
    ) -> None:
        self._standing = Standing(stored, rules.book, number)
        self._position = row.position
        self._topic_id = row.topic_id
        self._clock = row.clock
        self._accounts = Accounts(stored)
        self._groups = ToGroups(number, partitions, row.watermark)
        self._is_ours = is_ours
        self._ticking = ticking
        self._emitted: list[Emitted] = []
        self._dead: list[DeadRecord] = []
        books = row.books
        self._read, self._applied, self._duplicate = books.read, books.applied, books.duplicate
        self._dead_by_reason = dict(books.dead)
        self._since_take = 0
        self._notice_due()

    @property
    def clock(self) -> int | None:
        """The largest instant read, microseconds; None before the first."""
        return self._clock

    @property
    def in_force(self) -> InForce:
        """What is in force, as of the last record."""
        return self._standing.in_force

    @property
    def control_rows(self) -> int:
        """How many entries of the table are no accounts, once it has what was last taken (A5)."""
        return self._standing.row_count

    @property
    def row(self) -> PartitionRow:
        """The partition's own row, its books and clock as of the last record; a copy."""
        books = Books(self._read, self._applied, self._duplicate, dict(self._dead_by_reason))
        return PartitionRow(self._position, self._clock, self._topic_id, books, self._groups.kept)

    @property
    def backlog(self) -> int:
        """How many accounts wait for :meth:`work` because the clock has passed a deadline of theirs."""
        return self._accounts.backlog

    def foresee(self, record: RawRecord) -> bool:
        """Let a record that is still ahead be the first playbook; False if it is none, or is refused (B4)."""
        change = playbook_of(record)
        return change is not None and self._standing.foresee(change, self._clock)

    def read_all(self, records: Sequence[RawRecord]) -> None:
        """Apply records, as :meth:`read` of one after the other does, in a fraction of the time: an account is
        decoded and encoded once, and is in the processor's cache meanwhile."""
        if self._ticking:
            before = self._mark()
            try:
                self._read_by_account(records)
                return
            except OutOfTurnError:
                self._return_to(before)
        for record in records:
            self.read(record)

    def read(self, record: RawRecord, *, type_name: bytes | None = None, any_key: bool = False) -> None:
        """Apply one record. ``type_name``, ``any_key``: for a record of a type topic."""
        self.read_as(record, read_event(record.value, type_name or type_header(record)), any_key)

    def read_as(self, record: RawRecord, event: Read, any_key: bool) -> None:
        """Apply one record that says ``event``. ``any_key``: for a record of a type topic."""
        place = self._since_take
        self._since_take += 1
        if type(event) in KEYLESS:  # not isinstance, which asks pydantic's classes one after the other
            if isinstance(event, Tick):
                self._tick(event.instant, record.timestamp, place)
            else:
                self._take_broadcast(cast(Broadcast | EmployerAnswer, event), place)
            return
        key = record.key or b""
        if record.key is None and any_key and not isinstance(event, Rejection):
            key = cast(AccountEvent, event).account_id.encode()
        account, applied = self._accounts.load(key), cast(AccountEvent | Rejection, event)
        old_due = NEVER if account is None else account.due
        account = self._apply(account, applied, key, self._moment_of(record), place)
        self._accounts.keep(key, old_due, account)

    def work(self, budget: int) -> None:
        """Fire due deadlines of at most ``budget`` accounts.

        It makes no difference to any decision when this is done: a deadline counts as of its due
        instant, and an account's own fire before an event of it is applied.
        """
        if self._clock is not None:
            self._emitted += self._accounts.fire(budget, self._clock, self._rules_now(), self._groups.told)

    def advance(self, instant: int) -> None:
        """Move the clock on to ``instant`` (microseconds): a tick, a posting where there are no ticks, or
        what is given for after the end of a file. It never goes back."""
        if self._clock is None or instant > self._clock:
            self._clock = instant
            self._notice_due()

    def take(self, position: int | None = None) -> Outputs:
        """What has changed since the last take; the caller commits it and stores ``changed``. ``position``:
        the journal offset up to which all is applied by now (the fence); None leaves it where it was."""
        if position is not None:
            self._position = position
        self._dead.sort()
        changed: dict[bytes, bytes | None] = self._accounts.take()
        changed.update(self._standing.take())
        self._emitted += self._groups.take(self._clock, all_fired=self.backlog == 0)
        outputs = Outputs(changed, self._emitted, self._dead, self.row)
        self._emitted, self._dead = [], []
        self._since_take = 0
        return outputs

    def _read_by_account(self, records: Sequence[RawRecord]) -> None:
        # No account depends on another: it is enough that each has its records in order, and each record the
        # clock at which it came.
        first = self._since_take
        moments: list[Moment] = []
        for key, places in self._sorted_out(records, moments).items():
            account = self._accounts.load(key)
            old_due = NEVER if account is None else account.due
            for place in places:
                record = records[place]
                event = read_event(record.value, type_header(record) if record.headers else None)
                if type(event) in KEYLESS:
                    raise OutOfTurnError
                account = self._apply(
                    account, cast(AccountEvent | Rejection, event), key, moments[place], first + place
                )
            self._accounts.keep(key, old_due, account)
        # What became due between two ticks of these records has not been noticed yet.
        self._notice_due()

    def _sorted_out(self, records: Sequence[RawRecord], moments: list[Moment]) -> dict[bytes, list[int]]:
        # Which records each key has, by their places; those without a key, the ticks above all, are applied.
        owned: dict[bytes, list[int]] = {}
        moment: Moment | None = None
        timestamp: int | None = None
        for place, record in enumerate(records):
            key = record.key
            if key:
                self._since_take += 1
                places = owned.get(key)
                if places is None:
                    owned[key] = [place]
                else:
                    places.append(place)
            else:
                self.read(record)
            if moment is None or not key or record.timestamp != timestamp:  # few: most records share theirs
                moment, timestamp = self._moment_of(record), record.timestamp
            moments.append(moment)
        return owned

    def _apply(
        self, account: Account | None, event: AccountEvent | Rejection, key: bytes, moment: Moment, place: int
    ) -> Account | None:
        self._read += 1
        if type(event) is Rejection:
            self._refuse(place, event)
            return account
        wrong = check_key(key, event)
        if wrong is not None:
            self._refuse(place, wrong)
            return account
        if account is None and self._is_ours is not None and not self._is_ours(key):
            detail = "the partition must be murmur2 of the key, as Java's is"
            self._refuse(place, Rejection(Reason.WRONG_PARTITION, detail))
            return None
        clock, rules = moment.clock, moment.rules
        if not self._ticking and (event.type == "transfer" or event.type == "payroll_credit"):
            self.advance(event.occurred_at)
            clock = self._clock
            rules = self._rules_now()
        done = step(account, event, clock, rules, moment.recorded_at)
        if done.refused is not None:
            self._refuse(place, done.refused)
        elif done.duplicate:
            self._duplicate += 1
        else:
            self._applied += 1
        if done.emitted:
            self._emitted += done.emitted
        if done.told is not None:
            self._groups.told += done.told
        return done.account

    def _tick(self, instant: int, timestamp: int | None, place: int) -> None:
        self._read += 1
        if timestamp is not None and instant > timestamp * MILLISECOND + FUTURE:
            # One wrong clock would make all that follows too late, for ever.
            self._refuse(place, Rejection(Reason.FUTURE_TIMESTAMP, "instant"))
        else:
            self._applied += 1
            self.advance(instant)

    def _take_broadcast(self, change: Broadcast | EmployerAnswer, place: int) -> None:
        self._read += 1
        taken = self._standing.read(change, self._clock)
        self._emitted += taken.facts
        if taken.refused is not None:
            self._refuse(place, taken.refused)
        elif taken.duplicate:
            self._duplicate += 1
        else:
            self._applied += 1

    def _rules_now(self) -> Rules:
        clock = self._clock
        return self._standing.in_force.at(BEGINNING if clock is None else clock)

    def _moment_of(self, record: RawRecord) -> Moment:
        if not self._ticking:
            # The future is not judged where nothing but the postings tells the time.
            return Moment(self._clock, NEVER, self._rules_now())
        recorded_at = None if record.timestamp is None else record.timestamp * MILLISECOND
        return Moment(self._clock, recorded_at, self._rules_now())

    def _notice_due(self) -> None:
        if self._clock is not None:
            self._accounts.notice_due(self._clock)

    def _refuse(self, place: int, rejection: Rejection) -> None:
        reason = rejection.reason.value
        self._dead_by_reason[reason] = self._dead_by_reason.get(reason, 0) + 1
        self._dead.append(DeadRecord(place, rejection))

    def _mark(self) -> Mark:
        self._accounts.encode_held()
        return Mark(
            self._clock,
            (self._read, self._applied, self._duplicate, self._since_take),
            dict(self._dead_by_reason),
            (len(self._emitted), len(self._dead), len(self._groups.told)),
            dict(self._accounts.changed),
            self._standing.mark(),
        )

    def _return_to(self, mark: Mark) -> None:
        # What was found to be due goes on waiting: each is looked at again before it is fired.
        self._clock = mark.clock
        self._read, self._applied, self._duplicate, self._since_take = mark.counted
        self._dead_by_reason = mark.dead
        emitted, dead, told = mark.lengths
        del self._emitted[emitted:], self._dead[dead:], self._groups.told[told:]
        self._accounts.return_to(mark.changed)
        self._standing.return_to(mark.standing)
