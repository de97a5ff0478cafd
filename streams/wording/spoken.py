"""What a sentence needs of a task: the published word has it, and so has the fast one."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol


class SpokenHabit(Protocol):
    """What is usual: amount (minor units), day of the cycle, local hour."""

    @property
    def amount(self) -> int:
        """Minor units."""

    @property
    def day(self) -> int:
        """Days since payday."""

    @property
    def hour(self) -> int:
        """Local hour."""


class SpokenReason(Protocol):
    """See ``schemas.tasks.TaskReason``."""

    @property
    def rule(self) -> str:
        """The rule that held."""

    @property
    def observed(self) -> int:
        """What was seen, minor units."""

    @property
    def threshold(self) -> int:
        """The limit, minor units."""

    @property
    def event_id(self) -> str:
        """By which posting."""

    @property
    def habitual(self) -> SpokenHabit | None:
        """The habit it belongs to."""


class SpokenPoint(Protocol):
    """See ``schemas.facts.CurvePoint``."""

    @property
    def day(self) -> int:
        """Days since payday."""

    @property
    def retained(self) -> str | None:
        """The share of the pay that is still there."""


class Spoken(Protocol):
    """See ``schemas.tasks.Task``."""

    @property
    def version(self) -> int:
        """Counts from 1."""

    @property
    def status(self) -> str:
        """``open`` or what has ended it."""

    @property
    def ended_by(self) -> str | None:
        """Why it has ended."""

    @property
    def account_id(self) -> str:
        """Whose."""

    @property
    def cycle_payday(self) -> date:
        """The payday."""

    @property
    def currency(self) -> str:
        """ISO 4217."""

    @property
    def reasons(self) -> Sequence[SpokenReason]:
        """Why, in the order they held."""

    @property
    def curve(self) -> Sequence[SpokenPoint]:
        """Day by day."""
