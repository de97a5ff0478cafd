"""What must be so before and while events are written to a running service: somebody reads them, and no other clock
runs ahead of them. Else they would wait for ever, or all be refused as too late."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from agents.errors import Stop
from agents.log.journal_clock import JournalClock
from agents.log.members import has_members
from agents.log.topics import admin, ensure_topics
from agents.playbooks import load_playbook
from agents.settings import Settings
from schemas.instant import format_instant, from_datetime
from streams.pipeline import FUTURE
from streams.playbook.rules import Rules
from streams.replay.survey import Survey

WORKER_SECONDS: Final = 8.0
"""How long a worker may take to join its group."""
WATCH_SECONDS: Final = 2.0
"""Between two looks for ticks of somebody else."""
OWN_CLOCK: Final = (
    "start the workers with PAYTIDE_TICK_SECONDS=0, on a broker whose journal has no later ticks"
)
"""What to do where a clock is ahead of what is written."""


class IngestError(Stop):
    """What cannot be written, or would be written in vain; the message says what to do."""


@dataclass
class Ingested:
    """How much was written: records, ticks; the last tick's instant, and the largest of a posting (microseconds).
    ``skipped``: lines that a service wrote itself, as this one will."""

    records: int = 0
    ticks: int = 0
    clock: int | None = None
    latest: int | None = None
    skipped: int = 0


def latest_believed() -> int:
    """The latest instant (microseconds) that a worker takes now: what lies further ahead is refused."""
    return from_datetime(datetime.now(UTC)) + FUTURE


def allowed_lateness(settings: Settings) -> int:
    """How late a posting may be, microseconds, as the playbook of the settings says."""
    return Rules.of(load_playbook(settings.playbook, settings.timezone)).lateness


async def prepare(settings: Settings, seen: Survey) -> None:
    """Make the topics that are missing. Raises ``IngestError`` where no worker runs, and where all that was ``seen``
    in the file would be too late."""
    async with admin(settings) as client:
        if not await has_members(client, settings.app_id, WORKER_SECONDS):
            raise IngestError(
                f"no worker runs in the group {settings.app_id} at {settings.kafka_bootstrap}: start 'paytide worker' "
                "with PAYTIDE_TICK_SECONDS=0, or check PAYTIDE_KAFKA_BOOTSTRAP and PAYTIDE_APP_ID"
            )
    await ensure_topics(settings)
    async with JournalClock(settings) as journal:
        clock = await journal.stands_at()
    if clock is not None and seen.begins is not None and seen.begins < clock - allowed_lateness(settings):
        raise IngestError(
            f"the journal's clock stands at {format_instant(clock)}, and what is to be written begins before "
            f"{format_instant(seen.begins)}: all of it would be too late; {OWN_CLOCK}"
        )


class Watch:
    """Looks for ticks of another clock, by which what is being written would be too late."""

    def __init__(self, settings: Settings) -> None:
        self._journal = JournalClock(settings)
        self._lateness = allowed_lateness(settings)
        self._looked = monotonic()

    async def __aenter__(self) -> "Watch":
        await self._journal.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._journal.__aexit__(*exc)

    async def check_at_times(self, done: Ingested) -> None:
        """Check, if that is some seconds ago."""
        if monotonic() - self._looked > WATCH_SECONDS:
            await self.check(done)

    async def check(self, done: Ingested) -> None:
        """Raises ``IngestError``."""
        newest, self._looked = await self._journal.newest(), monotonic()
        ours = done.clock if done.clock is not None else done.latest
        if newest is not None and ours is not None and newest > ours + self._lateness:
            raise IngestError(
                f"another clock has ticked at {format_instant(newest)} while this was written at "
                f"{format_instant(ours)}: it is too late; {OWN_CLOCK}"
            )
