"""What a kind of task brings; the engine does the rest (K13)."""

from abc import ABC, abstractmethod

from streams.playbook.rules import Rules
from streams.state.account import Account, Cycle
from streams.state.posting import Posting
from streams.state.remembered import Hit
from streams.wording.spoken import Spoken


def is_undone(event_id: str, undone: list[dict[str, None]]) -> bool:
    """Whether one of the cycles knows of a reversal of a posting. It looks through no event_ids."""
    return any(event_id in ids for ids in undone)


class Finding:
    """What a kind finds about one day. ``about``: its ordinal; ``cycle``: whom and what the task tells of;
    ``reasons``: what holds now; ``undone``: event_ids of postings that were reversed by name, as each cycle has
    them, so that a reason given earlier may not stand any more."""

    def __init__(self, about: int, cycle: Cycle, reasons: list[Hit], undone: list[dict[str, None]]) -> None:
        self.about = about
        self.cycle = cycle
        self.reasons = reasons
        self.undone = undone

    def stands(self, reason: Hit) -> bool:
        """Whether the posting that gave a reason has not been reversed by name."""
        return not is_undone(reason.event_id, self.undone)


class Terms:
    """How urgent a task is: priority 0 to 100, and microseconds from its first reason to when the first
    contact is due and to when the task must be closed, and expires."""

    def __init__(self, priority: int, first_contact: int, close: int) -> None:
        self.priority = priority
        self.first_contact = first_contact
        self.close = close


class Kind(ABC):
    """A kind of task. ``name``: as published, and in the task's id; never used again for another kind."""

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def may_matter(self, account: Account, read: Posting) -> bool:
        """Whether a posting just read may change what is found. Asked for every posting: it must be cheap."""

    @abstractmethod
    def find(self, account: Account, cycles: list[Cycle], rules: Rules) -> list[Finding]:
        """What holds in the cycles, folded and pending postings together, the oldest first."""

    @abstractmethod
    def terms(self, reasons: list[Hit], rules: Rules) -> Terms:
        """How urgent a task with these reasons is, by the playbook."""

    @abstractmethod
    def say(self, task: Spoken, left: int, language: str) -> str:
        """A version in one sentence that a branch employee understands without the rest. ``left``:
        microseconds from the version to when the first contact is due; ``language``: zh or en."""
