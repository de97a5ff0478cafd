"""A backtest: both logs folded over the lines of a file, without a broker (X3, O6, F1)."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from schemas.dead import Rejection
from schemas.facts import CYCLE_FIELDS as CYCLE_FIELDS
from streams.fast.emitted import Emitted
from streams.fast.facts import FastFact
from streams.fast.facts.employer_payday import FastEmployerPayday
from streams.fast.tasks import FastTask
from streams.groups.statements import Statement
from streams.journal.books import Books, PartitionRow, less, total
from streams.journal.eventsfile import Line
from streams.playbook.rules import Rules
from streams.replay.comparing import Differences
from streams.replay.groups_log import Owner
from streams.replay.look import Look
from streams.replay.refusals import DeadLine, Mover
from streams.replay.run import Run
from streams.state.keys import is_account

EVERY: Final = 4096
"""Records between two looks at what has changed; it makes no difference to any decision."""


class Result(NamedTuple):
    """What a file came to: every version of every task, every fact that the journal gives, the books of all partitions
    of the journal but for the answers of our own coordinator, the accounts left and the control rows of each partition
    (key → value), where each partition stands, every refused line in the order of the file, and the line whose clock
    made most lines too late, None if none was.

    ``own_playbooks``: whether every partition has a playbook of its own; ``told``: what the groups log is told, together
    the same as live, in records summed otherwise (A1); ``all_facts``: those of the groups log among them, in order;
    ``answers``: what the coordinator answers, in order; ``own``: the books of those answers that were read; ``groups``:
    the books of the groups log; ``differences``: between the file's records of our own folds and what these say."""

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
    all_facts: list[FastFact]
    answers: list[Statement]
    own: Books
    groups: Books
    differences: Differences


def backtest(
    lines: Iterable[Line | Rejection | None],
    rules: Rules,
    seen: Look,
    *,
    until: int | None = None,
    owner: Owner | None = None,
) -> Result:
    """Fold a file's lines, None for a blank one. ``rules``: of a partition that has no playbook of its own; ``seen``:
    what a :func:`streams.replay.look.look` at the lines tells; ``until``: move the clock on to this instant
    (microseconds) after the last line; ``owner(key, partitions)``: the partition of a key, to judge records that carry
    how many partitions their topic has."""
    run = Run(rules, seen, owner)
    for number, line in enumerate(lines, 1):
        if line is not None:
            run.read(number, line)
        if number % EVERY == 0:
            run.collect()
    run.finish(until)
    return _result(run)


def _result(run: Run) -> Result:
    rows = {held.place: held.partition.row for held in run.journal}
    control = {held.place: held.control for held in run.journal}
    standing = [held.partition.in_force for held in run.journal]
    refusals = run.refusals
    facts = [one for one in run.emitted if isinstance(one, FastFact)]
    return Result(
        tasks=[one for one in run.emitted if isinstance(one, FastTask)],
        facts=[one for one in facts if not isinstance(one, FastEmployerPayday)],
        books=less(total([run.unread, *(row.books for row in rows.values())]), run.own),
        accounts={key: value for held in run.journal for key, value in held.table.items() if is_account(key)},
        control=control,
        rows=rows,
        dead=sorted([*refusals.in_order(), *run.groups.dead()], key=lambda one: one.number),
        mover=refusals.mover,
        own_playbooks=bool(standing) and all(in_force.published for in_force in standing),
        told=run.told,
        all_facts=facts,
        answers=run.answers,
        own=run.own,
        groups=run.groups.books,
        differences=run.differences(),
    )
