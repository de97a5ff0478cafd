"""What a file holds of our own folds' records, against what the folds over it say (F2).

Sums are compared: where a record set was cut decides how many records say them. A watermark says how far one was when
it was cut, so watermarks are not compared; they tell up to where both sides are complete.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from schemas.answers import EmployerAnswer
from schemas.decode import decode
from schemas.groups import EMPLOYER, GROUPS, Closed, Paid, PaidOn, Watermark
from schemas.instant import parse_instant
from schemas.topics import JOURNAL
from streams.fast.groups import FastClosed, FastPaid, FastPaidOn, FastWatermark
from streams.groups.decode import read_group_record
from streams.groups.statements import Statement
from streams.journal.eventsfile import Line
from streams.state.account import NEVER

IN_THE_FILE: Final = "only in the file"
BY_THE_FOLD: Final = "only said by the fold"
OTHERWISE: Final = "said otherwise"

Sums = tuple[int, ...]


class Difference(NamedTuple):
    """Something that file and fold do not say alike. ``how``: one of the three above; ``kind``: of record; ``at``: as of
    when (microseconds); ``line``: the first in the file, counted from 1, or the one at which the fold said it;
    ``offset``: of the line in the file, None where the fold alone says it."""

    how: str
    topic: str
    partition: int
    kind: str
    at: int
    line: int
    offset: int | None


class Differences(NamedTuple):
    """``found``: how many there are; ``first``: by its line; ``beyond``: how much is not alike after the instants up to
    which both sides are complete. That is no difference: one side goes on for longer."""

    found: int = 0
    first: Difference | None = None
    beyond: int = 0


class _About(NamedTuple):
    """What a record is about: all but its figures. ``target``: the partition it is in; ``source``: that of the other
    log whose fold says it."""

    topic: str
    target: int
    source: int
    kind: str
    at: int
    rest: tuple[Any, ...]


class _Held:
    """``left``: what the file says less what the fold says."""

    __slots__ = ("by_fold", "in_file", "left", "line", "offset")

    def __init__(self, line: int) -> None:
        self.left: Sums = ()
        self.in_file = self.by_fold = False
        self.line = line
        self.offset: int | None = None


class Comparison:
    """Collects what both sides say. ``place_of``: the partition of the groups log that a group's key is in."""

    def __init__(self, place_of: Callable[[bytes], int]) -> None:
        self._place_of = place_of
        self._held: dict[_About, _Held] = {}
        self._complete: dict[tuple[str, int, int], int] = {}

    def found(self, number: int, line: Line) -> None:
        """A record of our own folds in line ``number`` of the file."""
        target = line.partition or 0
        if line.topic == JOURNAL:
            answer = decode(line.value)
            if isinstance(answer, EmployerAnswer):
                about = self._about_answer(answer, target)
                self._note(about, (1,), number, line)
                self._complete_to(JOURNAL, target, about.source, answer.at)
            return
        word = read_group_record(line.value)
        if isinstance(word, Watermark | FastWatermark):
            self._complete_to(GROUPS, target, word.partition, word.instant)
        elif isinstance(word, FastPaid | Paid | FastClosed | Closed):
            self._note(*_about_word(word, target, word.at), number, line)

    def told(self, number: int, word: FastPaid | FastClosed) -> None:
        """What a fold of the journal tells when line ``number`` is read."""
        about, sums = _about_word(word, self._place_of(word.key), parse_instant(word.at))
        self._note(about, tuple(-one for one in sums), number, None)

    def answered(self, number: int, said: Statement) -> None:
        """What a fold of the groups log answers when line ``number`` is read."""
        answer = EmployerAnswer.model_validate_json(said.to_json())
        self._note(self._about_answer(answer, said.addressed_to or 0), (-1,), number, None)

    def result(self, clocks: dict[str, dict[int, int | None]]) -> Differences:
        """What is not alike. ``clocks``: of the folds whose records stand in a log, by the log and their partition."""
        count = beyond = 0
        first: Difference | None = None
        for about, held in self._held.items():
            if not any(held.left):
                continue
            file_to = self._complete.get(about[:3], -NEVER)
            fold_to = clocks[about.topic].get(about.source)
            if about.at >= min(file_to, -NEVER if fold_to is None else fold_to):
                beyond += 1
                continue
            count += 1
            if first is None or held.line < first.line:
                first = _difference(about, held)
        return Differences(count, first, beyond)

    def _about_answer(self, answer: EmployerAnswer, target: int) -> _About:
        source = self._place_of((EMPLOYER + answer.employer_id).encode())
        return _About(JOURNAL, target, source, answer.type, answer.at, (answer,))

    def _note(self, about: _About, sums: Sums, number: int, line: Line | None) -> None:
        held = self._held.get(about)
        if held is None:
            held = self._held[about] = _Held(number)
        held.left = tuple(map(sum, zip(held.left, sums, strict=True))) if held.left else sums
        if line is None:
            held.by_fold = True
        elif not held.in_file:
            held.in_file, held.line, held.offset = True, number, line.offset

    def _complete_to(self, topic: str, target: int, source: int, instant: int) -> None:
        place = topic, target, source
        self._complete[place] = max(instant, self._complete.get(place, -NEVER))


def _about_word(word: FastPaid | Paid | FastClosed | Closed, target: int, at: int) -> tuple[_About, Sums]:
    if isinstance(word, FastClosed | Closed):
        rest: tuple[Any, ...] = (word.payday, word.cycle_class, word.newly_mover, word.product_count)
        sums: Sums = (word.count, word.pay, word.kept, word.moved_out)
    else:
        rest = _payday(word.was), _payday(word.became), word.previous
        sums = word.count, _amount(word.was), _amount(word.became)
    rest = word.employer_id, *rest
    return _About(GROUPS, target, word.partition, word.type, at, rest), sums


def _payday(on: FastPaidOn | PaidOn | None) -> object:
    return None if on is None else on.payday


def _amount(on: FastPaidOn | PaidOn | None) -> int:
    return 0 if on is None else on.amount


def _difference(about: _About, held: _Held) -> Difference:
    how = OTHERWISE if held.in_file and held.by_fold else IN_THE_FILE if held.in_file else BY_THE_FOLD
    return Difference(how, about.topic, about.target, about.kind, about.at, held.line, held.offset)
