"""What a partition says of the playbooks it reads: taken, or refused (B1)."""

from typing import Final

from pydantic import ValidationError

from schemas.broadcasts import PlaybookChange
from schemas.dead import Rejection
from schemas.facts import PlaybookRef
from schemas.instant import format_instant
from streams.accounting.cycle_facts import deterministic_id
from streams.fast.facts import FastPlaybookRef
from streams.fast.facts.playbook_in_force import FastPlaybookInForce
from streams.fast.facts.playbook_refused import FastPlaybookRefused
from streams.playbook.rules import BEGINNING, Edition

LOG: Final = "journal"
TAKEN: Final = "playbook_in_force"
REFUSED: Final = "playbook_refused"


def taken(partition: int, edition: Edition, clock: int | None) -> FastPlaybookInForce:
    """An edition that a partition has taken at ``clock`` (microseconds). Its id is the partition's and the number's."""
    since = None if edition.since == BEGINNING else format_instant(edition.since)
    ref = FastPlaybookRef(edition.book.name, edition.book.version)
    known_by = deterministic_id(LOG, partition, edition.number, TAKEN)
    return FastPlaybookInForce(TAKEN, known_by, partition, edition.number, since, _text(clock), ref)


def refused(
    partition: int, change: PlaybookChange, clock: int | None, rejection: Rejection
) -> FastPlaybookRefused:
    """A playbook that a partition has refused at ``clock`` (microseconds). Its id is the partition's and the
    content's: one that is sent again says the same again."""
    known_by = deterministic_id(LOG, partition, change.model_dump_json(), REFUSED)
    since, at = format_instant(change.since), _text(clock)
    return FastPlaybookRefused(REFUSED, known_by, partition, since, at, rejection.detail, _name_of(change))


def _name_of(change: PlaybookChange) -> FastPlaybookRef | None:
    try:
        ref = PlaybookRef.model_validate(change.playbook)
    except ValidationError:
        return None
    return FastPlaybookRef(ref.name, ref.version)


def _text(clock: int | None) -> str | None:
    return None if clock is None else format_instant(clock)
