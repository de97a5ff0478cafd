"""A look at a whole file before it is folded: what decides how, and may stand in its last line (F1, J5)."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from schemas.dead import Rejection
from schemas.decode import decode, type_header
from schemas.events import Tick
from schemas.groups import GROUPS
from schemas.topics import JOURNAL, TYPE_TOPICS
from streams.journal.ahead import playbook_of
from streams.journal.eventsfile import Line, is_own

KNOWN: Final = frozenset({JOURNAL, GROUPS, *TYPE_TOPICS})
"""The topics of the lines that are folded; those of others are refused, whatever their partitions."""
Playbooks = Mapping[int | None, Sequence[Line]]
"""The lines that are playbooks, in order, by partition."""
_NONE: Final[Playbooks] = MappingProxyType({})


class Look(NamedTuple):
    """``ticking``: whether ticks, and they alone, move the clock; ``playbooks``, ``group_playbooks``: of which the first
    holds from its log's beginning (B4); ``taken``: the logs that are taken from the file,
    for it holds what our own folds wrote there; ``partitions``: how many the journal has; ``present``: those of them
    that have lines."""

    ticking: bool = True
    playbooks: Playbooks = _NONE
    group_playbooks: Playbooks = _NONE
    taken: frozenset[str] = frozenset()
    partitions: int = 1
    present: frozenset[int] = frozenset({0})


def look(lines: Iterable[Line | Rejection | None]) -> Look:
    """What a file's lines, None for a blank one, come to."""
    ticking = False
    playbooks: dict[str, dict[int | None, list[Line]]] = {JOURNAL: {}, GROUPS: {}}
    taken: set[str] = set()
    partitions = 1
    present: set[int] = set()
    for line in lines:
        if not isinstance(line, Line):
            continue
        ticking = ticking or is_tick(line)
        if line.topic not in KNOWN:
            continue
        if line.topic in playbooks and playbook_of(line) is not None:
            playbooks[line.topic].setdefault(line.partition, []).append(line)
        if line.headers and is_own(line):
            taken.add(line.topic)
        number = line.partition
        if number is not None:
            partitions = max(partitions, number + 1, line.partitions or 1)
        if line.topic != GROUPS:
            present.add(number or 0)
    return Look(
        ticking, playbooks[JOURNAL], playbooks[GROUPS], frozenset(taken), partitions, frozenset(present)
    )


def is_tick(line: Line) -> bool:
    """Whether a line is a tick that will be applied."""
    type_name = type_header(line)
    if line.topic != JOURNAL or line.value is None or (type_name is None and b"tick" not in line.value):
        return False
    return isinstance(decode(line.value, type_name), Tick)
