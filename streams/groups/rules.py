"""What the decisions of groups depend on besides the groups log."""

from dataclasses import dataclass
from typing import Self

from schemas.playbook import Playbook
from streams.calendar.days import Days
from streams.calendar.hours import DailyHour
from streams.fast.facts import FastPlaybookRef
from streams.playbook.rules import InForce


@dataclass(frozen=True)
class GroupRules:
    """The playbook, unpacked. ``decided``: the hour of decisions, 04:00 local (A2); ``held``: the hour from which an
    answer of that day holds, 09:00 (A2); ``merge_days``: R4, P1; ``book``: the playbook itself."""

    days: Days
    decided: DailyHour
    held: DailyHour
    merge_days: int
    playbook: FastPlaybookRef
    book: Playbook

    @classmethod
    def of(cls, book: Playbook) -> Self:
        """The rules a playbook states."""
        zone = book.bank.timezone
        return cls(
            days=Days(zone),
            decided=DailyHour(zone, 4),
            held=DailyHour(zone, 9),
            merge_days=book.accounting.merge_days,
            playbook=FastPlaybookRef(book.name, book.version),
            book=book,
        )


class GroupRulesInForce:
    """The rules in force by instant (A6), made of what a partition knows to be in force."""

    def __init__(self, in_force: InForce) -> None:
        self._in_force = in_force
        self._made: dict[int, GroupRules] = {}

    def at(self, instant: int) -> GroupRules:
        """The rules at an instant (microseconds)."""
        found = self._in_force.at(instant)
        rules = self._made.get(found.edition)
        if rules is None:
            rules = self._made[found.edition] = GroupRules.of(found.book)
        return rules
