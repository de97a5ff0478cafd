"""A version of a task that does not go out (B5)."""

from typing import Literal

from schemas.facts.base import AccountFact
from schemas.tasks import Task


class Withheld(AccountFact):
    """A version of a task that was created before what arises goes out (B5): nobody is to act on it. ``task``: what
    would have been published."""

    fact: Literal["withheld"] = "withheld"
    task: Task
