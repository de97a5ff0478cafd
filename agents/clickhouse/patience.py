"""Inserting with patience: for as long as ClickHouse is away it waits, and says so."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from agents.clickhouse.errors import ClickHouseMisfit, Verdict, detail_of, misfit, verdict
from streams.landing.batch import Refused, Values

logger = logging.getLogger(__name__)

FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 30.0
UNSURE_TRIES: Final = 5
"""How often an answer that may pass is waited for: some fifteen seconds."""


class Inserting(Protocol):
    """What stores rows by table and returns those that are refused: see ``Inserter.insert``."""

    def insert(self, tables: Mapping[str, Sequence[Values]], *, blame_rows: bool = False) -> list[Refused]:
        """Store, or raise."""


class PatientInserter:
    """Inserts in a thread, again and again. ``waits_for``: why nothing is stored now, None if all is well."""

    def __init__(
        self,
        inserter: Inserting,
        on_failure: Callable[[], None],
        first_wait_seconds: float = FIRST_WAIT_SECONDS,
    ) -> None:
        self.waits_for: str | None = None
        self._inserter = inserter
        self._on_failure = on_failure
        self._first_wait = first_wait_seconds

    async def insert(self, tables: Mapping[str, Sequence[Values]]) -> list[Refused]:
        """Store rows by table and return those refused; the others are stored then. Raises ClickHouseMisfit."""
        wait, unsure = self._first_wait, 0
        while True:
            try:
                stored = await asyncio.to_thread(
                    self._inserter.insert, tables, blame_rows=unsure >= UNSURE_TRIES
                )
            except ClickHouseMisfit:
                raise
            except Exception as error:
                found = verdict(error)
                unsure += found is Verdict.UNSURE
                _stop_if_vain(error, found, unsure)
                self._note(str(error) if found is Verdict.AWAY else detail_of(error), wait)
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT_SECONDS)
            else:
                self.waits_for = None
                return stored

    def _note(self, error: str, wait: float) -> None:
        # Detection goes on, the inboxes fill, fetching pauses.
        self.waits_for = f"ClickHouse takes no rows: {error}"
        self._on_failure()
        logger.error("insert failed, again in %.1f s: %s", wait, error)


def _stop_if_vain(error: Exception, found: Verdict, unsure: int) -> None:
    if found is Verdict.MISFIT:
        raise misfit(error) from error
    if found is Verdict.OURS or (found is Verdict.UNSURE and unsure > UNSURE_TRIES):
        raise error
