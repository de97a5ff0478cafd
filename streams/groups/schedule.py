"""What is to be decided, in the order of instants, and of keys at one instant (A2)."""

from collections.abc import Callable
from heapq import heappop, heappush

from schemas.instant import MINUTE
from streams.accounting.deadlines import DeadlineIndex
from streams.state.account import NEVER


class Schedule:
    """Entries that are due some time. ``due_of``: when an entry of a key is due (microseconds), ``NEVER`` if not.

    An entry stands in it once: that its deadline has moved on is found out when it comes up, so that a decision, which
    moves its employer's last deadline by a day or a month, leaves no stale entry behind.
    """

    def __init__(self, due_of: Callable[[bytes], int]) -> None:
        self._due_of = due_of
        self._index = DeadlineIndex()
        self._waiting: list[tuple[int, bytes]] = []

    @property
    def waiting(self) -> int:
        """How many entries the clock has passed, some of them perhaps no longer due."""
        return len(self._waiting)

    @property
    def earliest(self) -> int:
        """Nothing is due before this instant (microseconds); ``NEVER`` where nothing is at all."""
        first = self._waiting[0][0] * MINUTE if self._waiting else NEVER
        return min(first, self._index.earliest)

    def add(self, key: bytes) -> None:
        """Put in an entry that is not in it. What is due already is noticed by the next :meth:`notice`."""
        self._index.move(key, NEVER, self._due_of(key))

    def notice(self, clock: int) -> None:
        """Let those wait whose deadline ``clock`` (microseconds) has passed, in order with those that do."""
        for entry in self._index.pop_due(clock):
            heappush(self._waiting, entry)

    def pop(self, clock: int) -> bytes | None:
        """Take out the first that waits; None if it is not due, or not yet its turn."""
        minute, key = heappop(self._waiting)
        due = self._due_of(key)
        if due >= clock:
            self._index.put_back(key, due)  # nothing, if it has gone
            return None
        if due // MINUTE != minute:
            heappush(self._waiting, (due // MINUTE, key))  # it has moved, and others come before it
            return None
        return key
