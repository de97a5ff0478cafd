"""The accounts of one partition, encoded, and which of them are due (J8)."""

from collections import deque
from heapq import heappop, heappush
from typing import Final

from schemas.instant import MINUTE
from streams.accounting.deadlines import DeadlineIndex
from streams.fast.emitted import Emitted
from streams.pipeline import pass_time
from streams.playbook.rules import Rules
from streams.state import codec
from streams.state.account import NEVER, Account
from streams.state.keys import is_account
from streams.state.told import Told

LOOKS: Final = 16
"""So many looks at accounts that are not due any more cost what firing a deadline does."""


MANY: Final = 64
"""So many pending postings are not decoded and encoded for every record: the account stays as it is until
the next :meth:`Accounts.take`."""


class Accounts:
    """What has changed since the last :meth:`take`, over what is stored; only the former is written to.

    An account is a value in a table of bytes but for the moment somebody works on it: objects that stay would
    be spread over the memory, and the collector would have to look at them again and again.
    """

    def __init__(self, stored: dict[bytes, bytes]) -> None:
        self.changed: dict[bytes, bytes | None] = {}
        self._stored = stored
        self._held: dict[bytes, Account] = {}
        self._due: deque[tuple[int, bytes]] = deque()
        self._index = DeadlineIndex()
        for key, value in stored.items():
            if is_account(key):
                self._index.move(key, NEVER, codec.deadline_of(value))

    @property
    def backlog(self) -> int:
        """How many accounts wait for :meth:`fire`, or are no longer due."""
        return len(self._due)

    @property
    def earliest(self) -> int:
        """No account is due before this instant (microseconds); ``NEVER`` where none is at all."""
        return -NEVER if self._due else self._index.earliest

    def load(self, key: bytes) -> Account | None:
        """An account to work on; None if nothing is kept of it, or the key can be no account's."""
        if not is_account(key):
            return None
        if key in self._held:
            return self._held[key]
        value = self._value(key)
        return None if value is None else codec.decode(key, value)

    def keep(self, key: bytes, old_due: int, account: Account | None) -> None:
        """Take an account back, None if it goes. ``old_due``: its deadline as loaded, ``NEVER`` if it was not there."""
        if not is_account(key):
            return  # a record says so and was refused; what is stored there is the partition's
        if account is not None:
            self._index.move(key, old_due, account.due)
            if len(account.pending) > MANY:
                self._held[key] = account
                return
        self._held.pop(key, None)
        self._note(key, None if account is None else _encoded(account))

    def encode_held(self) -> None:
        """Encode what was kept as it is."""
        held, self._held = self._held, {}
        for key, account in held.items():
            self._note(key, _encoded(account))

    def return_to(self, changed: dict[bytes, bytes | None]) -> None:
        """Go back to what had changed when nothing was held."""
        self._held = {}
        self.changed = changed

    def take(self) -> dict[bytes, bytes | None]:
        """What has changed since the last take, None where an account went; the caller stores it."""
        self.encode_held()
        changed, self.changed = self.changed, {}
        return changed

    def notice_due(self, clock: int) -> None:
        """Let those wait for :meth:`fire` whose deadline ``clock`` (microseconds) has passed."""
        self._due.extend(self._index.pop_due(clock))

    def fire(self, budget: int, clock: int, rules: Rules, told: list[Told]) -> list[Emitted]:
        """Fire the deadlines of at most ``budget`` accounts that are due; returns what they give rise to, and adds
        to ``told`` what they tell their groups."""
        emitted: list[Emitted] = []
        left = budget * LOOKS
        while self._due and left > 0:
            minute, key = self._due.popleft()
            due = self._due_of(key)
            if due // MINUTE != minute:
                left -= 1  # it moved, and has an entry elsewhere
            elif due >= clock:
                left -= 1
                self._index.put_back(key, due)
            else:
                left -= LOOKS
                emitted += self._fired(key, clock, rules, told)
        return emitted

    def fire_in_order(self, before: int, rules: Rules, told: list[Told]) -> list[Emitted]:
        """Fire every deadline before ``before`` (microseconds), by (instant, account_id) (F1); otherwise as
        :meth:`fire`, which leaves the order open."""
        emitted: list[Emitted] = []
        waiting: list[tuple[int, bytes]] = []
        ahead: list[tuple[int, bytes]] = []
        self._sort_due(before, waiting, ahead)
        while waiting:
            due, key = heappop(waiting)
            if due == self._due_of(key):  # else it moved, and has an entry elsewhere
                emitted += self._fired(key, due + 1, rules, told)
                self._sort_due(before, waiting, ahead)
        for due, key in ahead:
            self._index.put_back(key, due)
        return emitted

    def _sort_due(
        self, before: int, waiting: list[tuple[int, bytes]], ahead: list[tuple[int, bytes]]
    ) -> None:
        self.notice_due(before)
        while self._due:
            minute, key = self._due.popleft()
            due = self._due_of(key)
            if due // MINUTE != minute:
                continue  # it moved, and has an entry elsewhere
            if due < before:
                heappush(waiting, (due, key))
            else:
                ahead.append((due, key))

    def _fired(self, key: bytes, clock: int, rules: Rules, told: list[Told]) -> list[Emitted]:
        account = self.load(key)
        assert account is not None, "it has a deadline"
        passed = pass_time(account, clock, rules)
        # Its entry was taken out of the index, so whatever comes next is a new one.
        self.keep(key, NEVER, passed.account)
        if passed.told is not None:
            told += passed.told
        return passed.emitted

    def _note(self, key: bytes, value: bytes | None) -> None:
        if value == self._stored.get(key):
            self.changed.pop(key, None)
        else:
            self.changed[key] = value

    def _due_of(self, key: bytes) -> int:
        if key in self._held:
            return self._held[key].due
        value = self._value(key)
        return NEVER if value is None else codec.deadline_of(value)

    def _value(self, key: bytes) -> bytes | None:
        value = self.changed.get(key)
        if value is None and key not in self.changed:
            value = self._stored.get(key)
        return value


def _encoded(account: Account) -> bytes:
    # Its provisional ledger knows the account: a circle that only the collector would undo.
    account.provisional = None
    return codec.encode(account)
