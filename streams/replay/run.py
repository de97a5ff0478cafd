"""Both logs in one process: what a backtest does with each line (A2, A3, F1).

Before a line moves the clock over a 04:00, the clock stops one microsecond past it: what the accounts have told by
then is decided upon, and the answers are in the journal before anything later is. At another instant a stop would
decide nothing (docs/decisions/0018-a-backtest-stops-at-four.md). A journal whose answers are taken from the file has
them where they were read, and needs no stop.
"""

from typing import Final, cast, get_args

from schemas.broadcasts import Broadcast, PlaybookChange
from schemas.dead import Rejection
from schemas.decode import type_header
from schemas.groups import GROUPS
from schemas.topics import FACTS, JOURNAL
from streams.fast.decode import read_event
from streams.fast.emitted import Emitted
from streams.fast.groups import FastClosed, FastPaid
from streams.groups.rules import GroupRules
from streams.groups.statements import Statement
from streams.journal.ahead import playbook_of
from streams.journal.books import Books, less, total
from streams.journal.eventsfile import OWN, Line, is_own, type_of_topic
from streams.playbook.rules import Rules
from streams.replay.comparing import Comparison, Differences
from streams.replay.groups_log import GroupsLog, Owner, order
from streams.replay.journal_log import Held, JournalLog
from streams.replay.look import Look
from streams.replay.moves import instant_of, is_refused
from streams.replay.refusals import Refusals
from streams.state.account import NEVER

BROADCASTS: Final[frozenset[type]] = frozenset(get_args(Broadcast))


class Run:
    """Folds lines one after the other. ``emitted``: tasks and facts in order; ``told``: to the groups log; ``answers``:
    those of the coordinator, in order; ``unread``: books of the lines that no partition was given; ``own``: of the
    answers among the journal's records."""

    def __init__(self, rules: Rules, seen: Look, owner: Owner | None) -> None:
        self.emitted: list[Emitted] = []
        self.told: list[Emitted] = []
        self.answers: list[Statement] = []
        self.unread = Books()
        self.own = Books()
        self.refusals = Refusals()
        self.journal = JournalLog(rules, seen, owner)
        self.groups = GroupsLog(GroupRules.of(rules.book), seen, owner)
        self._ticking = seen.ticking
        self._takes_journal = JOURNAL in seen.taken
        self._takes_groups = GROUPS in seen.taken
        self._compared = Comparison(self.groups.place_of)
        self._several = seen.partitions > 1
        self._number = 0
        self._broadcasts_from = max(seen.present, default=0)
        if not self._takes_groups:
            self.groups.begin(_ahead(seen, self._broadcasts_from))

    def read(self, number: int, line: Line | Rejection) -> None:
        """Apply line ``number``."""
        self._number = number
        if isinstance(line, Rejection):
            self._note_unread(line)
        elif line.topic == GROUPS:
            self._read_group_line(line)
        else:
            type_name = type_of_topic(line.topic)
            if isinstance(type_name, Rejection):
                self._note_unread(type_name, line)
            else:
                self._read_event(line, type_name)

    def collect(self) -> None:
        """Take out what the partitions hold; it makes no difference to any decision when."""
        for held in self.journal:
            self._tell(held)
        self._exchange()
        self.groups.collect()

    def finish(self, until: int | None) -> None:
        """Read to the end; move the clock on to ``until`` (microseconds), if it is given."""
        for held in self.journal:
            clock = held.partition.clock
            if until is not None and (clock is None or until > clock):
                self._move(held, until)
                held.partition.advance(until)
            self._tell(held)
        if until is not None:
            self.groups.advance(until)
        self._exchange()
        self.groups.collect()
        self.answers.sort(key=order)

    def differences(self) -> Differences:
        """Between what the file holds of our own folds, and what they say."""
        clocks = {held.number: held.partition.clock for held in self.journal}
        return self._compared.result({GROUPS: clocks, JOURNAL: self.groups.clocks})

    def _read_event(self, line: Line, type_name: bytes | None) -> None:
        held = self.journal.of(line)
        partition, any_key = held.partition, type_name is not None
        event = read_event(line.value, type_name or type_header(line))
        before = partition.clock
        instant = instant_of(event, ticking=self._ticking)
        if instant is not None and (before is None or instant > before):
            if (instant > partition.earliest or instant > held.border) and not is_refused(
                line, event, any_key=any_key, is_ours=held.is_ours
            ):
                self._move(held, instant)
        elif type(event) in BROADCASTS and self._repeat(held):
            self.collect()  # so that the groups log is as far as the journal
            self.groups.repeat(cast(Broadcast, event))
        own = partition.row.books if line.headers and is_own(line) else None
        partition.read_as(line, event, any_key)
        if own is not None:
            self._note_own(held, own)
            self._compared.found(self._number, line)
        clock = partition.clock
        if clock is not None and clock != before:
            self.refusals.moved(self._number, line, clock)
        self.refusals.given(self._number, line, line.partition)

    def _read_group_line(self, line: Line) -> None:
        self.groups.read(self._number, line)
        if line.headers and is_own(line):
            self._compared.found(self._number, line)

    def _move(self, held: Held, instant: int) -> None:
        # Everything that is due before the clock gets there.
        if instant > held.border:
            hour = self.groups.hour
            day = hour.day_after(instant - 1)
            if not self._takes_journal:
                self._stop_until(held, hour.instant(day - 1))
            held.border = hour.instant(day)
        held.partition.fire_before(instant)

    def _stop_until(self, held: Held, last: int) -> None:
        # At each 04:00 up to the last before which something may be due, and at the last. Where nobody has said
        # anything there is nothing to hear, unless other partitions of the journal wait for the watermark.
        partition, hour = held.partition, self.groups.hour
        if partition.has_told or self._several:
            self._tell(held)
            self._exchange()
        while partition.clock is None or partition.clock <= last:
            due = min(partition.earliest, self.groups.earliest(held.number))
            if partition.clock is not None:
                due = max(due, partition.clock)
            stop = last if due > last or due == -NEVER else hour.instant(hour.day_after(due - 1))
            partition.fire_before(stop + 1)
            partition.advance(stop + 1)
            if partition.has_told or self._several or self.groups.earliest(held.number) <= stop:
                self._tell(held)
                self._exchange()

    def _tell(self, held: Held) -> None:
        # What the accounts tell goes to the groups log, the rest out.
        partition = held.partition
        clock = partition.clock
        if clock is not None and partition.earliest < clock:
            partition.fire_before(clock)
        words: list[Emitted] = []
        for word in held.take(self.refusals):
            (words if word.topic == GROUPS else self.emitted).append(word)
        self.told += words
        if not self._takes_groups:
            self.groups.tell(held.number, words, clock)
            return
        for word in words:
            if isinstance(word, FastPaid | FastClosed):
                self._compared.told(self._number, word)

    def _exchange(self) -> None:
        # The groups' decisions, and what they give rise to, until nobody says anything.
        while said := self.groups.decide():
            self.emitted += [cast(Emitted, one.word) for one in said if one.topic == FACTS]
            answers = [one for one in said if one.topic == JOURNAL]
            self.answers += answers
            for answer in answers:
                self._answer(answer)

    def _answer(self, answer: Statement) -> None:
        if self._takes_journal:
            self._compared.answered(self._number, answer)
            return
        for held in self.journal.numbered(answer.addressed_to):
            line = Line(JOURNAL, None, answer.to_json(), (OWN[JOURNAL],), partition=held.place)
            books = held.partition.row.books
            held.partition.read(line)
            self._note_own(held, books)
            self.refusals.given(self._number, line, held.place)
            self._tell(held)

    def _repeat(self, held: Held) -> bool:
        # Every partition of the journal has a broadcast. The groups log hears it from the last one: in an export, where
        # one follows another, it has no clock before.
        return not self._takes_groups and held.number == self._broadcasts_from

    def _note_own(self, held: Held, before: Books) -> None:
        self.own = total([self.own, less(held.partition.row.books, before)])

    def _note_unread(self, rejection: Rejection, line: Line | None = None) -> None:
        self.unread.read += 1
        self.unread.note_dead(rejection.reason)
        self.refusals.unread(self._number, rejection, line)


def _ahead(seen: Look, journal: int) -> list[PlaybookChange]:
    # What the groups log hears from a partition of the journal, it knows ahead from there.
    lines = seen.playbooks.get(journal) or seen.playbooks.get(None) or ()
    return [change for change in map(playbook_of, lines) if change is not None]
