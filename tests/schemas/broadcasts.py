"""Broadcasts as they are read, the smallest of each."""

from typing import Any, Final

PLAYBOOK: Final[dict[str, Any]] = {
    "type": "playbook",
    "schema": 1,
    "from": "2026-03-01T00:00:00Z",
    "playbook": {},
}
CALENDAR: Final[dict[str, Any]] = {
    "type": "calendar",
    "code": "CN",
    "version": 1,
    "rest_days": [],
    "make_up_days": [],
    "valid_until": "2026-12-28",
}
