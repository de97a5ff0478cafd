"""A backtest: the pipeline over an events file, without a broker (X3, O6)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from schemas.dead import Rejection
from schemas.decode import decode, type_header
from schemas.events import Tick
from schemas.facts import CYCLE_FIELDS as CYCLE_FIELDS
from schemas.groups import GROUPS
from schemas.topics import JOURNAL
from streams.fast.emitted import Emitted
from streams.fast.facts import FastFact
from streams.fast.tasks import FastTask
from streams.journal.ahead import look_ahead, playbook_of
from streams.journal.books import Books, PartitionRow
from streams.journal.eventsfile import Line, type_of_topic
from streams.journal.partition import Partition
from streams.playbook.rules import Rules
from streams.replay.refusals import DeadLine, Mover, Refusals
from streams.state.keys import is_account

EVERY: Final = 4096
"""Records between two looks at what has changed; it makes no difference to any decision."""


class Result(NamedTuple):
    """What a file came to: every version of every task, every fact, the books of all partitions,
    the accounts left and the control rows of each partition (key → value), where each partition stands, every refused
    line in the order of the file, and the line whose clock made most lines too late, None if none was.
    ``own_playbooks``: whether every partition has a playbook of its own; ``told``: what the groups log would be told,
    together the same as live, in records summed otherwise (A1)."""

    tasks: list[FastTask]
    facts: list[FastFact]
    books: Books
    accounts: dict[bytes, bytes]
    control: dict[int | None, dict[bytes, bytes]]
    rows: dict[int | None, PartitionRow]
    dead: list[DeadLine]
    mover: Mover | None
    own_playbooks: bool
    told: list[Emitted]


def has_ticks(lines: Iterable[Line | Rejection | None]) -> bool:
    """Whether an events file has ticks; if so, they alone move the clock."""
    return any(isinstance(line, Line) and _is_tick(line) for line in lines)


def playbooks_of(lines: Iterable[Line | Rejection | None]) -> dict[int | None, list[Line]]:
    """The lines of an events file that are playbooks, in order, by partition."""
    found: dict[int | None, list[Line]] = {}
    for line in lines:
        if isinstance(line, Line) and line.topic == JOURNAL and playbook_of(line) is not None:
            found.setdefault(line.partition, []).append(line)
    return found


def _is_tick(line: Line) -> bool:
    type_name = type_header(line)
    if line.topic != JOURNAL or line.value is None or (type_name is None and b"tick" not in line.value):
        return False
    return isinstance(decode(line.value, type_name), Tick)


def backtest(
    lines: Iterable[Line | Rejection | None],
    rules: Rules,
    *,
    ticking: bool,
    playbooks: Mapping[int | None, Sequence[Line]] | None = None,
    until: int | None = None,
    owner: Callable[[bytes, int], int] | None = None,
) -> Result:
    """Fold a file's lines, None for a blank one. ``rules``: of a partition that has no playbook of its own;
    ``ticking``: see :func:`has_ticks`; ``playbooks``: see :func:`playbooks_of`, the first holds from the beginning
    (B4); ``until``: move the clock on to this instant (microseconds) after the last line; ``owner(key, partitions)``:
    the partition of a key, to judge records that carry how many partitions their topic has."""
    run = _Run(rules, ticking, playbooks or {}, owner)
    for number, line in enumerate(lines, 1):
        if line is not None:
            run.read(number, line)
        if number % EVERY == 0:
            run.collect()
    return run.finish(until)


class _Run:
    def __init__(
        self,
        rules: Rules,
        ticking: bool,
        playbooks: Mapping[int | None, Sequence[Line]],
        owner: Callable[[bytes, int], int] | None,
    ) -> None:
        self._rules = rules
        self._ticking = ticking
        self._playbooks = playbooks
        self._owner = owner
        self._partitions: dict[int | None, Partition] = {}
        self._tables: dict[int | None, dict[bytes, bytes]] = {}
        self._emitted: list[Emitted] = []
        self._unread = Books()
        self._refusals = Refusals()

    def read(self, number: int, line: Line | Rejection) -> None:
        if isinstance(line, Rejection):
            self._note_unread(number, line)
            return
        type_name = type_of_topic(line.topic)
        if isinstance(type_name, Rejection):
            self._note_unread(number, type_name, line)
            return
        partition = self._partitions.get(line.partition) or self._open(line)
        before = partition.clock
        partition.read(line, type_name=type_name, any_key=type_name is not None)
        clock = partition.clock
        if clock is not None and clock != before:
            self._refusals.moved(number, line, clock)
            partition.work(partition.backlog)
        self._refusals.given(number, line)

    def collect(self) -> None:
        for number, partition in self._partitions.items():
            outputs = partition.take()
            self._emitted += outputs.emitted
            self._refusals.taken(number, outputs.dead)
            table = self._tables[number]
            for key, value in outputs.changed.items():
                if value is None:
                    table.pop(key, None)
                else:
                    table[key] = value

    def finish(self, until: int | None) -> Result:
        for partition in self._partitions.values():
            if until is not None:
                partition.advance(until)
            partition.work(partition.backlog)
        self.collect()
        rows = {number: partition.row for number, partition in self._partitions.items()}
        accounts = {
            key: value for table in self._tables.values() for key, value in table.items() if is_account(key)
        }
        control = {number: _control_rows(table) for number, table in self._tables.items()}
        standing = [partition.in_force for partition in self._partitions.values()]
        books = _total([self._unread, *(row.books for row in rows.values())])
        refusals = self._refusals
        tasks = [one for one in self._emitted if isinstance(one, FastTask)]
        facts = [one for one in self._emitted if isinstance(one, FastFact)]
        told = [one for one in self._emitted if one.topic == GROUPS]
        return Result(
            tasks,
            facts,
            books,
            accounts,
            control,
            rows,
            refusals.in_order(),
            refusals.mover,
            bool(standing) and all(in_force.published for in_force in standing),
            told,
        )

    def _open(self, line: Line) -> Partition:
        table: dict[bytes, bytes] = {}
        self._tables[line.partition] = table
        number = line.partition or 0
        partition = Partition(
            self._rules,
            table,
            PartitionRow(),
            number=number,
            partitions=max(number + 1, line.partitions or 1),
            is_ours=self._is_ours(line),
            ticking=self._ticking,
        )
        look_ahead(self._playbooks.get(line.partition, ()), partition.foresee)
        self._partitions[line.partition] = partition
        return partition

    def _is_ours(self, line: Line) -> Callable[[bytes], bool] | None:
        owner, partitions, partition = self._owner, line.partitions, line.partition
        if owner is None or not partitions:
            return None
        return lambda key: owner(key, partitions) == partition

    def _note_unread(self, number: int, rejection: Rejection, line: Line | None = None) -> None:
        self._unread.read += 1
        self._unread.note_dead(rejection.reason)
        self._refusals.unread(number, rejection, line)


def _control_rows(table: dict[bytes, bytes]) -> dict[bytes, bytes]:
    return {key: value for key, value in table.items() if not is_account(key)}


def _total(all_books: Iterable[Books]) -> Books:
    total = Books()
    for books in all_books:
        total.read += books.read
        total.applied += books.applied
        total.duplicate += books.duplicate
        for reason, count in books.dead.items():
            total.dead[reason] = total.dead.get(reason, 0) + count
    return total
