"""Errors of the operating system: files, ports, connections."""

import errno
import socket
from typing import Final

from agents.errors import Advice, Retry, Stop, Table, followed_by, one_line

BROKER: Final = "check that the broker runs and that PAYTIDE_KAFKA_BOOTSTRAP names it"
TOPIC: Final = "start 'paytide worker', which makes the topics, or check PAYTIDE_KAFKA_BOOTSTRAP"


def _about_file(error: BaseException) -> str | None:
    # Without a name it is not about a file that the user gave.
    name = getattr(error, "filename", None)
    if name is None:
        return None
    return f"{name}: {getattr(error, 'strerror', None) or error}; check the path and its permissions"


def _about_system(error: BaseException) -> str | None:
    number = getattr(error, "errno", None)
    if number == errno.EACCES:
        told = "this port is not for ordinary users: set PAYTIDE_METRICS_PORT to one above 1023"
        return f"{one_line(str(error))}; {told}"
    if number == errno.EADDRINUSE:
        return f"{one_line(str(error))}; another program uses this port: set PAYTIDE_METRICS_PORT, or end it"
    if number == errno.ENOSPC:
        return f"{one_line(str(error))}; make room on the disk"
    return None


_FILE: Final = Advice(Stop, _about_file)

SYSTEM: Final[Table] = {
    FileNotFoundError: _FILE,
    PermissionError: Advice(Stop, lambda error: _about_file(error) or _about_system(error)),
    IsADirectoryError: _FILE,
    NotADirectoryError: _FILE,
    FileExistsError: _FILE,
    ConnectionRefusedError: Advice(Retry, followed_by(BROKER)),
    socket.gaierror: Advice(Retry, followed_by(BROKER)),
    ConnectionError: Advice(Retry, _about_system),
    TimeoutError: Advice(Retry, _about_system),
    OSError: Advice(Stop, _about_system),
}
