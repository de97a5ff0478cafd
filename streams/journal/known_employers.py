"""What the coordinator has answered of employers: a control row each (A5, A6, A9, E2).

An answer is in force from an instant on, so what it replaces stays for those who look as of an earlier one.
"""

from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from typing import Final

import msgspec

from schemas.answers import EmployerAnswer
from schemas.instant import DAY
from streams.journal.control import check_format, first_kept
from streams.playbook.rules import BEGINNING
from streams.state.keys import CONTROL

PREFIX: Final = CONTROL + b"employer:"
KEPT_FOR: Final = 100 * DAY
"""How long an answer stays once another holds, by the clock: no deadline that is due waits so long to be fired. A rule
of time and not of what waits, for that depends on slices."""
FORMAT: Final = 1


class _Row(msgspec.Struct, array_like=True):
    """``gone``: since when nothing is known of the employer any more (microseconds), None while something is;
    ``answers``: since when each holds, and its JSON, ascending."""

    format: int
    gone: int | None
    answers: list[tuple[int, bytes]]


_DECODER: Final = msgspec.msgpack.Decoder(_Row)


class KnownEmployers:
    """The answers in a partition's table. ``stored``: as committed; it is only read. Raises ``ControlFormatError``."""

    def __init__(self, stored: Mapping[bytes, bytes]) -> None:
        self._stored = stored
        self._changed: dict[bytes, bytes | None] = {}
        self._gone = self._those_gone()

    def at(self, employer_id: str, instant: int) -> EmployerAnswer | None:
        """The answer in force at an instant (microseconds); None where nothing is known of the employer."""
        row = self._row(_key(employer_id))
        known = [] if row is None else [text for since, text in row.answers if since <= instant]
        answer = EmployerAnswer.model_validate_json(known[-1]) if known else None
        return None if answer is None or answer.gone else answer

    def note(self, answer: EmployerAnswer, clock: int | None) -> None:
        """Take an answer in that was read at ``clock`` (microseconds)."""
        now = BEGINNING if clock is None else clock
        self._forget_gone(now)
        key, since = _key(answer.employer_id), max(now, answer.holds_from)
        row = self._row(key)
        # Of two that are still ahead the one read last counts.
        before = [] if row is None else [one for one in row.answers if one[0] < since]
        begun = first_kept([held for held, _ in before], now - KEPT_FOR)
        answers = [*before[begun:], (since, answer.model_dump_json().encode())]
        gone = since if answer.gone else None
        if gone is not None:
            heappush(self._gone, (gone, key))
        self._put(key, msgspec.msgpack.encode(_Row(FORMAT, gone, answers)))

    def take(self) -> dict[bytes, bytes | None]:
        """The rows that have changed since the last take, None where one went; the caller stores them."""
        changed, self._changed = self._changed, {}
        return changed

    def mark(self) -> dict[bytes, bytes | None]:
        """What has changed, to :meth:`return_to`."""
        return dict(self._changed)

    def return_to(self, changed: dict[bytes, bytes | None]) -> None:
        """Go back to what had changed."""
        if changed != self._changed:
            self._changed = changed
            self._gone = self._those_gone()

    def _forget_gone(self, now: int) -> None:
        while self._gone and self._gone[0][0] <= now - KEPT_FOR:
            since, key = heappop(self._gone)
            row = self._row(key)
            if row is not None and row.gone == since:  # or it has been heard of again
                self._put(key, None)

    def _those_gone(self) -> list[tuple[int, bytes]]:
        # Of a million keys few are ours.
        keys = {key for keys in (self._stored, self._changed) for key in keys if key.startswith(PREFIX)}
        rows = ((key, self._row(key)) for key in keys)
        found = [(row.gone, key) for key, row in rows if row is not None and row.gone is not None]
        heapify(found)
        return found

    def _put(self, key: bytes, value: bytes | None) -> None:
        if value == self._stored.get(key):
            self._changed.pop(key, None)
        else:
            self._changed[key] = value

    def _row(self, key: bytes) -> _Row | None:
        value = self._changed[key] if key in self._changed else self._stored.get(key)
        if value is None:
            return None
        row = _DECODER.decode(value)
        check_format("an employer has", row.format, FORMAT)
        return row


def _key(employer_id: str) -> bytes:
    return PREFIX + employer_id.encode()
