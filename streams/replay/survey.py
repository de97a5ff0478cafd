"""A look at an events file before it is written to a running service, where nothing can be taken back.

Written with a tick after every so many lines, as ``ingest`` does it, each tick at the largest instant so far.
"""

from collections.abc import Iterable

from schemas.broadcasts import PlaybookChange
from schemas.dead import Rejection
from schemas.decode import type_header
from schemas.events import Tick
from schemas.playbook import Playbook
from schemas.topics import TYPE_TOPICS
from streams.fast.decode import read_event
from streams.journal.control import book_of
from streams.journal.eventsfile import Line, is_own


class Survey:
    """What was seen. Instants are microseconds; lines count from 1.

    ``ticking``, ``has_playbook``: whether the file has ticks, and a valid playbook; ``records``: how many lines are
    records; ``begins``: the largest instant before the first tick would come, None without a posting; ``judged``: how
    many records come after it; ``late``: how many postings would be too late by the ticks; ``mover``, ``moved_to``: the
    line that had moved the clock when the first of them came; ``ahead``: how many postings lie after ``latest``, and
    move nothing; ``first_ahead``: the first of them.
    """

    def __init__(self) -> None:
        self.ticking = False
        self.has_playbook = False
        self.records = 0
        self.begins: int | None = None
        self.judged = 0
        self.late = 0
        self.mover = 0
        self.moved_to = 0
        self.ahead = 0
        self.first_ahead = 0


def survey(
    lines: Iterable[Line | Rejection | None], *, lines_per_tick: int, lateness: int, latest: int
) -> Survey:
    """Look at a whole file. ``lateness``: allowed, microseconds; ``latest``: no instant after it is believed."""
    run = _Run(lines_per_tick, lateness, latest)
    for number, line in enumerate(lines, 1):
        if isinstance(line, Line):
            run.read(number, line)
    return run.finish()


class _Run:
    def __init__(self, lines_per_tick: int, lateness: int, latest: int) -> None:
        self._lines_per_tick = lines_per_tick
        self._lateness = lateness
        self._latest = latest
        self._clock: int | None = None
        self._largest: int | None = None
        self._mover = 0
        self._seen = Survey()

    def read(self, number: int, line: Line) -> None:
        if is_own(line):
            return  # the service says it itself, and it is not written
        known = TYPE_TOPICS.get(line.topic)
        event = read_event(line.value, known.encode() if known is not None else type_header(line))
        if isinstance(event, Tick):
            self._seen.ticking = True
            return
        if isinstance(event, PlaybookChange) and isinstance(book_of(event), Playbook):
            self._seen.has_playbook = True
        self._seen.records += 1
        self._seen.judged += self._clock is not None
        if not isinstance(event, Rejection) and (event.type == "transfer" or event.type == "payroll_credit"):
            self._read_posting(number, event.occurred_at)
        if self._seen.records % self._lines_per_tick == 0:
            self._tick()

    def finish(self) -> Survey:
        self._tick()
        return self._seen

    def _read_posting(self, number: int, instant: int) -> None:
        seen = self._seen
        if instant > self._latest:
            seen.ahead += 1
            seen.first_ahead = seen.first_ahead or number
        elif self._clock is not None and instant < self._clock - self._lateness:
            if not seen.late:
                seen.mover, seen.moved_to = self._mover, self._clock
            seen.late += 1
        elif self._largest is None or instant > self._largest:
            self._largest, self._mover = instant, number

    def _tick(self) -> None:
        if self._clock is None:
            self._seen.begins = self._largest
        self._clock = self._largest
