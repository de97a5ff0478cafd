"""What goes to every partition as it is read, the smallest of each."""

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
LIVE: Final[dict[str, Any]] = {"type": "live", "from": "2026-03-01T00:00:00Z"}
TICK: Final[dict[str, Any]] = {"type": "tick", "instant": "2026-01-05T09:00:00Z"}
