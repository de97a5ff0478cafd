"""What a log holds further on: its playbooks, of which the first holds from its beginning (B4)."""

from schemas.broadcasts import PlaybookChange
from schemas.decode import RawRecord, decode, type_header

_HEADER = b"playbook"
_FIELD = b'"playbook"'


def playbook_of(record: RawRecord) -> PlaybookChange | None:
    """The playbook that a record is, None if it is none."""
    value, type_name = record.value, type_header(record)
    if value is None or (type_name != _HEADER and (type_name is not None or _FIELD not in value)):
        return None
    change = decode(value, type_name)
    return change if isinstance(change, PlaybookChange) else None
