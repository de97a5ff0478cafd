"""What the processes of a run logged that nobody should have to read."""

import re
from pathlib import Path

STOPS = ("the worker stops", "the service stops", "the worker crashed")
"""A traceback may follow on a line that says why a process ends."""

_UNTOLD = re.compile(r"exception was never retrieved|Task was destroyed but it is pending")
_TRACEBACK = "Traceback (most recent call last)"
_LOGGED = re.compile(r"^\[\d{4}-\d\d-\d\d ")


def stray_lines(folder: Path) -> list[str]:
    """Errors that nobody retrieved, and tracebacks that are no reason of a stop, of every worker and the landing."""
    return [
        f"{log.name}: {line}"
        for log in sorted(folder.glob("*.log"))
        if log.stem.startswith(("worker", "landing"))
        for line in stray(log.read_text(errors="replace").splitlines())
    ]


def stray(lines: list[str]) -> list[str]:
    """The same of one log; of a stray traceback the line that logged it."""
    found, logged = [], ""
    for line in lines:
        if _LOGGED.match(line):
            logged = line
        if _UNTOLD.search(line):
            found.append(line)
        elif (
            line.strip().startswith(_TRACEBACK)
            and not any(stop in logged for stop in STOPS)
            and logged not in found
        ):
            found.append(logged or line)
    return found
