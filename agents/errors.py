"""Errors that say how to react to them: three roots, one of which every error of ours descends from.

Bad data is none of them: it becomes a dead letter with a reason (X5). Errors of libraries are sorted
by tables of their classes (``Table``), one a library, in ``advice``; ``reactions`` looks them up.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

# How aiokafka's errors begin: with what is of use to a program.
_PREFIX: Final = re.compile(r"(\[Error -?\d+\] )?")


class Stop(Exception):
    """Something is wrong that trying again cannot mend. The message says what to do.

    ``keeps_lines``: it ends with an excerpt of a log, whose lines are shown as they are.
    """

    keeps_lines = False


class BackOff(Exception):
    """Something is busy or away, and waiting loses nothing: pause, for as long as it takes."""


class Retry(Exception):
    """Something failed that may succeed the next time: try again, a bounded number of times, then stop."""


Reaction = type[Stop] | type[BackOff] | type[Retry]


class Advice(NamedTuple):
    """How to react to a class of errors, and what to tell the user: None if it is not the user's to mend."""

    reaction: Reaction
    tell: Callable[[BaseException], str | None]


Table = Mapping[type[BaseException], Advice]


def own_words(error: BaseException) -> str:
    """The message itself, which says what to do already."""
    return str(error) if getattr(error, "keeps_lines", False) else one_line(str(error))


def unadvised(_error: BaseException) -> None:
    """Nothing that a user could mend: the traceback is worth more."""


def followed_by(advice: str) -> Callable[[BaseException], str]:
    """The message, or the class's name without one, and what to do."""

    def told(error: BaseException) -> str:
        name = type(error).__name__
        text = _PREFIX.sub("", one_line(str(error)), count=1).removeprefix(f"{name}: ") or name
        return f"{text.rstrip('.')}; {advice}"

    return told


def one_line(text: str) -> str:
    """A text of several lines, in one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "; ".join(lines).replace(":; ", ": ")
