"""Is it alive, is it ready: a progress check of our own (docs/operations.md#watching; Faust's log lines do not tell).

Alive means: what the logs hold is being worked off. A watcher compares positions with the logs'
ends through a connection of its own, so that it notices a consumer that silently stands still.
"""

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final, NamedTuple

from agents.errors import Retry
from agents.log.offsets import LogReader
from agents.log.records import TP
from agents.reactions import reaction_to
from agents.settings import Settings

LOOK_SECONDS: Final = 2.0
STUCK_SECONDS: Final = 24.0
"""Standing still for so long, plus one look, shows within 30 seconds."""


class Probe(NamedTuple):
    """What the watcher asks its app: positions committed, by input partition; whether the group counts
    it as a member; whether rebalance and recovery are over; what it waits for that restarting it would
    not bring back, None if for nothing."""

    positions: Callable[[], Mapping[TP, int]]
    is_member: Callable[[], bool]
    is_settled: Callable[[], bool]
    waits_for: Callable[[], str | None]


class Health:
    """The verdict, kept by the watcher in the app's loop and read by the HTTP thread."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._beat = clock()
        self._moved: dict[TP, tuple[int, float]] = {}
        self._member_at = clock()
        self._is_settled = False
        self._behind: dict[TP, float] = {}
        self._waits_for: str | None = None

    def look(
        self,
        positions: Mapping[TP, int],
        ends: Mapping[TP, int],
        *,
        is_member: bool,
        is_settled: bool,
        waits_for: str | None = None,
    ) -> None:
        """Take note of how things stand; an unknown end says nothing against a partition, nor does standing
        still while it ``waits_for`` something."""
        now = self._clock()
        self._beat = now
        self._waits_for = waits_for
        self._is_settled = is_member and is_settled
        if is_member:
            self._member_at = now
        self._moved = {tp: self._moved.get(tp, (-1, now)) for tp in positions}
        self._behind = {}
        for tp, position in positions.items():
            known, since = self._moved[tp]
            if waits_for is not None or position != known or position >= ends.get(tp, position):
                self._moved[tp] = (position, now)
            else:
                self._behind[tp] = now - since

    def problem(self) -> str | None:
        """Why it is not alive, None if it is."""
        now = self._clock()
        if now - self._beat > STUCK_SECONDS:
            return f"the event loop has not turned for {now - self._beat:.0f} s"
        if now - self._member_at > STUCK_SECONDS:
            return f"no member of the consumer group for {now - self._member_at:.0f} s"
        for tp, seconds in self._behind.items():
            if seconds > STUCK_SECONDS:
                return f"{tp.topic}-{tp.partition} has records, but its position stands for {seconds:.0f} s"
        return None

    def unready(self) -> str | None:
        """Why it is not ready; None if it is a member of its group, its state is recovered, nothing stands still
        and it waits for nothing."""
        joining = None if self._is_settled else "joining the group, or recovering"
        return self.problem() or self._waits_for or joining


async def watch(settings: Settings, health: Health, probe: Probe) -> None:
    """Look every two seconds, until cancelled."""
    while True:
        try:
            async with LogReader(settings, isolation_level="read_uncommitted") as log:
                while True:
                    await _look(log, health, probe)
                    await asyncio.sleep(LOOK_SECONDS)
        except Exception as error:
            if reaction_to(error) is not Retry:
                raise
            # Without a broker nothing can be said of progress; membership and the loop still count.
            _note(health, probe, probe.positions(), {})
            await asyncio.sleep(LOOK_SECONDS)


async def _look(log: LogReader, health: Health, probe: Probe) -> None:
    positions = dict(probe.positions())
    async with asyncio.timeout(10):
        ends = await log.ends(positions) if positions else {}
    _note(health, probe, positions, ends)


def _note(health: Health, probe: Probe, positions: Mapping[TP, int], ends: Mapping[TP, int]) -> None:
    health.look(
        positions,
        ends,
        is_member=probe.is_member(),
        is_settled=probe.is_settled(),
        waits_for=probe.waits_for(),
    )


def is_member(app: Any) -> bool:
    """Whether the group coordinator counts a Faust app's consumer as a member."""
    consumer = getattr(app.consumer, "_thread", None) and app.consumer._thread._consumer
    return consumer is not None and consumer._coordinator.generation >= 0
