"""Ctrl-C where it can be taken: between two steps of ours, never in the middle of compiled code.

An exception that a signal raises in code compiled by mypyc ends the process with "fatal: out of memory". So a signal
is only noted, and long work looks at the note from Python, between its steps.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the number of the signal."""


@contextmanager
def deferred() -> Iterator[Callable[[], None]]:
    """Note Ctrl-C, and raise ``KeyboardInterrupt`` where the function given is called, at the end at the latest.
    The second Ctrl-C ends the process at once."""
    asked = False

    def note(*_: object) -> None:
        nonlocal asked
        if asked:
            os._exit(INTERRUPTED)
        asked = True

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield check
        check()
    finally:
        signal.signal(signal.SIGINT, before)
