"""The decision of an employer's group at one 04:00 (A2, A9, E1, E2, E6)."""

from streams.groups import keys, statements
from streams.groups.employer import EmployerGroup
from streams.groups.entries import Entries
from streams.groups.paydays import GroupPayday
from streams.groups.rules import GroupRules
from streams.groups.state import Waiting
from streams.groups.statements import Statement


def decide(entries: Entries, group: bytes, day: int, partitions: int, rules: GroupRules) -> list[Statement]:
    """Decide on what waited for the 04:00 of ``day``, and let the group go if nothing was told for too long.

    ``partitions``: how many the journal has. Nothing happens where there is nothing to decide.
    """
    waiting = entries.get(keys.key_of(group, keys.WAITING, day), Waiting)
    employer = EmployerGroup(entries, group, rules)
    if waiting is not None:
        return _taken_in(employer, waiting, day, partitions, rules)
    if employer.head.goes == day:
        employer.forget()
        return _said_gone(employer, day, rules)
    return []


def _taken_in(
    employer: EmployerGroup, waiting: Waiting, day: int, partitions: int, rules: GroupRules
) -> list[Statement]:
    # Whoever names a partition that the journal does not have cannot be answered.
    waiting.heard &= (1 << partitions) - 1
    before, heard = employer.settle(day), employer.head.heard
    employer.take_in(waiting, day)
    after = employer.paydays()
    emitted = statements.facts(employer.group, before, after, day, rules)
    emitted += _answers(employer, after, waiting.heard & ~heard, day, rules)
    employer.save()
    return emitted


def _answers(
    employer: EmployerGroup, paydays: list[GroupPayday], newly_heard: int, day: int, rules: GroupRules
) -> list[Statement]:
    head, observed = employer.head, employer.observations(paydays)
    head_count = paydays[-1].head_count if paydays else head.settled_heads
    if head_count < 2:  # A9; and who was told otherwise must not go on believing it
        return _said_gone(employer, day, rules)
    said = statements.answer(employer.group, head_count, observed[-1].date if observed else None, day, rules)
    if statements.says_the_same(said, head.sent):
        return statements.addressed(said, newly_heard)
    head.sent = said
    return statements.addressed(said, head.heard)


def _said_gone(employer: EmployerGroup, day: int, rules: GroupRules) -> list[Statement]:
    sent, employer.head.sent = employer.head.sent, None
    if sent is None:
        return []
    return statements.addressed(statements.gone(sent, day, rules), employer.head.heard)
