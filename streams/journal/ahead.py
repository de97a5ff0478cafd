"""What a log holds further on: its playbooks, of which the first holds from its beginning (B4)."""

from collections.abc import Callable, Iterable

from schemas.broadcasts import PlaybookChange
from schemas.decode import RawRecord, decode, type_header

_HEADER = b"playbook"


def look_ahead(records: Iterable[RawRecord], foresee: Callable[[RawRecord], bool]) -> bool:
    """Offer the records of a log, in order, until ``foresee`` says that one is the first playbook; whether one was."""
    return any(map(foresee, records))


def may_be_playbook(value: bytes | None) -> bool:
    """Whether a value is worth to be decoded in search of a playbook: most are not. An escape may hide the word."""
    return value is not None and (b"playbook" in value or b"\\u" in value)


def playbook_of(record: RawRecord) -> PlaybookChange | None:
    """The playbook that a record of the journal is, None if it is none."""
    type_name = type_header(record)
    if type_name != _HEADER and (type_name is not None or not may_be_playbook(record.value)):
        return None
    change = decode(record.value, type_name)
    return change if isinstance(change, PlaybookChange) else None
