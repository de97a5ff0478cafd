"""One partition of the groups log: its clock, its groups, its books. Pure: records in, outputs out.

The coordinator gives it the records of a record set and commits what :meth:`GroupsPartition.take` returns as one
transaction; a backtest gives it a file. Both therefore decide alike, as in ``streams.journal.partition``.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Final, NamedTuple

from schemas.broadcasts import Broadcast, PlaybookChange
from schemas.dead import Reason, Rejection
from schemas.decode import RawRecord
from schemas.groups import EMPLOYER, Watermark
from schemas.instant import MINUTE
from streams.fast.groups import FastWatermark
from streams.groups import keys, watermarks
from streams.groups.decision import decide
from streams.groups.decode import read_group_record
from streams.groups.entries import Entries
from streams.groups.filing import Told, contradiction, file
from streams.groups.rules import GroupRules, GroupRulesInForce
from streams.groups.schedule import Schedule
from streams.groups.state import Head, Watermarks
from streams.groups.statements import Statement
from streams.journal.ahead import may_be_playbook
from streams.journal.books import PartitionRow
from streams.journal.outputs import DeadRecord
from streams.journal.partition import MILLISECOND
from streams.journal.standing import Standing
from streams.playbook.rules import BEGINNING, InForce
from streams.state.account import NEVER

FUTURE: Final = 10 * MINUTE
"""So much later than the log took it may a record's instant be. The clock it was written at is at most 5 minutes
ahead (J6), and the brokers' clocks may differ; a watermark of years ahead would silence its partition."""
MOST_ANSWERS: Final = 500
"""Of one transaction: an open one holds back every journal partition's readers (A2)."""


class GroupsOutputs(NamedTuple):
    """What a number of records came to. ``changed``: key → new value, None where an entry went."""

    changed: dict[bytes, bytes | None]
    emitted: list[Statement]
    dead: list[DeadRecord]
    row: PartitionRow


class GroupsPartition:
    """The state machine of one partition of the groups log over a table of encoded entries.

    ``rules``: by the first playbook, for a table that has none yet. ``stored``: key → value as committed, and the
    control rows (A5); it is only read. ``is_ours``: whether a group's key belongs to this
    partition, None where that is not judged.

    Whatever the order in which journal partitions' records come, where record sets are cut, in what slices deadlines
    fire, and after any restart: the same outputs and state.
    """

    def __init__(
        self,
        rules: GroupRules,
        stored: dict[bytes, bytes],
        row: PartitionRow,
        *,
        is_ours: Callable[[bytes], bool] | None = None,
    ) -> None:
        self._standing = Standing(stored, rules.book, None)
        self._rules = GroupRulesInForce(self._standing.in_force)
        self._row = deepcopy(row)
        self._entries = Entries(stored)
        self._is_ours = is_ours
        self._watermarks = self._entries.get(keys.WATERMARKS, Watermarks) or Watermarks()
        self._emitted: list[Statement] = []
        self._dead: list[DeadRecord] = []
        self._since_take = 0
        self._answers = 0
        self._schedule = self._scheduled()
        self._notice_due()

    @property
    def clock(self) -> int | None:
        """The least watermark of the journal's partitions, microseconds; None until all have spoken (A4)."""
        return self._row.clock

    @property
    def in_force(self) -> InForce:
        """What is in force, as of the last record."""
        return self._standing.in_force

    @property
    def rules(self) -> GroupRules:
        """The rules in force at the clock. The hours of decisions are the same for ever, once there is a clock (B2)."""
        clock = self._row.clock
        return self._rules.at(BEGINNING if clock is None else clock)

    @property
    def row(self) -> PartitionRow:
        """The partition's own row, its books and clock as of the last record; a copy."""
        return deepcopy(self._row)

    @property
    def backlog(self) -> int:
        """How many decisions wait for :meth:`work` because the clock has passed their instant."""
        return self._schedule.waiting

    def foresee(self, record: RawRecord) -> bool:
        """Let a record that is still ahead be the first playbook; False if it is none, or is refused (B4)."""
        if record.key or not may_be_playbook(record.value):
            return False
        change = read_group_record(record.value)
        if not isinstance(change, PlaybookChange) or not self._standing.foresee(change, self._row.clock):
            return False
        self._take_rules()
        return True

    @property
    def earliest(self) -> int:
        """No decision is due before this instant (microseconds); ``NEVER`` where none is at all."""
        return self._schedule.earliest

    def read_all(self, records: Sequence[RawRecord]) -> None:
        """Apply records, in order."""
        for record in records:
            self.read(record)

    def read(self, record: RawRecord) -> None:
        """Apply one record."""
        place = self._since_take
        self._since_take += 1
        books = self._row.books
        books.read += 1
        word = read_group_record(record.value)
        if isinstance(word, Broadcast):
            refused, is_duplicate = self._take_broadcast(record.key, word)
        else:
            refused, is_duplicate = self._refused(record, word), False
        if refused is not None:
            books.note_dead(refused.reason)
            self._dead.append(DeadRecord(place, refused))
        elif is_duplicate:
            books.duplicate += 1
        else:
            books.applied += 1

    def work(self, budget: int) -> None:
        """Make at most ``budget`` decisions that are due, and no more than one transaction may carry answers of.

        It makes no difference to any decision when this is done: each is made on what lies before its instant.
        """
        clock = self._row.clock
        partitions = len(self._watermarks.instants)
        while self._schedule.waiting and budget > 0 and self._answers + partitions <= MOST_ANSWERS:
            assert clock is not None, "nothing is due without a clock"
            budget -= 1
            key = self._schedule.pop(clock)
            if key is not None:
                self._decide(key, partitions)

    def advance(self, instant: int) -> None:
        """Move the clock on to ``instant`` (microseconds), as watermarks do, or what is given for after the end of
        a file. It never goes back."""
        if self._row.clock is None or instant > self._row.clock:
            self._row.clock = instant
            self._notice_due()

    def take(self, position: int | None = None) -> GroupsOutputs:
        """What has changed since the last take; the caller commits it and stores ``changed``. ``position``:
        the offset of the log up to which all is applied by now (the fence); None leaves it where it was."""
        if position is not None:
            self._row.position = position
        changed = self._entries.take()
        changed.update(self._standing.take())
        outputs = GroupsOutputs(changed, self._emitted, self._dead, self.row)
        self._emitted, self._dead = [], []
        self._since_take, self._answers = 0, 0
        return outputs

    def _refused(
        self, record: RawRecord, read: Told | Watermark | FastWatermark | Rejection
    ) -> Rejection | None:
        # Why a record is not applied; None if it was.
        if isinstance(read, Rejection):
            return read
        is_watermark = isinstance(read, Watermark | FastWatermark)
        told_at = read.instant if isinstance(read, Watermark | FastWatermark) else read.at
        if record.timestamp is not None and told_at > record.timestamp * MILLISECOND + FUTURE:
            name = "instant" if is_watermark else "at"
            return Rejection(
                Reason.FUTURE_TIMESTAMP, f"{name}: more than 10 minutes after the record's timestamp"
            )
        if isinstance(read, Watermark | FastWatermark):
            return self._note_watermark(record.key, read)
        return self._misplaced(record.key, read) or contradiction(read, self.rules) or self._filed(read)

    def _take_broadcast(self, key: bytes | None, change: Broadcast) -> tuple[Rejection | None, bool]:
        # Why it is refused, and whether it was known already. The facts that say so are the journal's to tell.
        if key:
            return Rejection(Reason.KEY_MISMATCH, f"a {change.type} has no key"), False
        taken = self._standing.read(change, self._row.clock)
        self._take_rules()
        return taken.refused, taken.duplicate

    def _take_rules(self) -> None:
        zone = self.rules.book.bank.timezone
        self._rules = GroupRulesInForce(self._standing.in_force)
        # Before there is a clock, the first playbook may name another.
        if self.rules.book.bank.timezone != zone:
            self._schedule = self._scheduled()

    def _scheduled(self) -> Schedule:
        schedule = Schedule(self._due_of)
        for key in self._entries.present():
            schedule.add(key)
        return schedule

    def _note_watermark(self, key: bytes | None, read: Watermark | FastWatermark) -> Rejection | None:
        if key:
            return Rejection(Reason.KEY_MISMATCH, "a watermark has no key")
        refused = watermarks.note(self._watermarks, read)
        if refused is None:
            self._entries.put(keys.WATERMARKS, self._watermarks)
            least = watermarks.least(self._watermarks)
            if least is not None:
                self.advance(least)
        return refused

    def _misplaced(self, key: bytes | None, read: Told) -> Rejection | None:
        if not key:
            return Rejection(
                Reason.EMPTY_KEY, f"the record has no key; it must be {EMPLOYER} and the employer_id"
            )
        if key != (EMPLOYER + read.employer_id).encode():
            return Rejection(Reason.KEY_MISMATCH, f"the record's key must be {EMPLOYER} and the employer_id")
        if self._is_ours is not None and not self._is_ours(key):
            return Rejection(Reason.WRONG_PARTITION, "produce with murmur2 partitioning of the key")
        return None

    def _filed(self, read: Told) -> Rejection | None:
        clock = self._row.clock
        if clock is not None and read.at < clock:
            return Rejection(Reason.TOO_LATE, "at: a watermark has promised that nothing earlier follows")
        partitions = len(self._watermarks.instants)
        if partitions and read.partition >= partitions:
            return Rejection(
                Reason.INVALID, f"partition: must be less than {partitions}, as the watermarks say"
            )
        group, day = (EMPLOYER + read.employer_id).encode(), self.rules.decided.day_after(read.at)
        if file(self._entries, group, read, day):
            self._schedule.add(keys.key_of(group, keys.WAITING, day))
        return None

    def _decide(self, key: bytes, partitions: int) -> None:
        group, kind, day = keys.parts_of(key)
        head_key = keys.key_of(group, keys.HEAD)
        head = self._entries.get(head_key, Head)
        if kind == keys.HEAD:
            assert head is not None, "it is due"
            day = head.goes
        rules = self._rules.at(self.rules.decided.instant(day))
        emitted = decide(self._entries, group, day, partitions, rules)
        self._emitted += emitted
        self._answers += sum(one.addressed_to is not None for one in emitted)
        if head is None or kind == keys.HEAD:
            self._schedule.add(head_key)  # it is new, or was taken out and is still there
            self._notice_due()

    def _due_of(self, key: bytes) -> int:
        if not keys.is_of_group(key):
            return NEVER
        _, kind, day = keys.parts_of(key)
        if kind == keys.WAITING:
            return self.rules.decided.instant(day)
        if kind != keys.HEAD:
            return NEVER
        head = self._entries.get(key, Head)
        return NEVER if head is None else self.rules.decided.instant(head.goes)

    def _notice_due(self) -> None:
        if self._row.clock is not None:
            self._schedule.notice(self._row.clock)
