"""Dead letters: original bytes, where they came from and why they were refused (O3)."""

from collections import deque
from collections.abc import Iterable
from typing import Any

from agents.errors import Stop
from agents.log.records import TP
from agents.log.transaction import Write
from schemas.dead import Rejection

WINDOW = 10_000


class TooManyDeadLettersError(Stop):
    """So many records are refused that something upstream, or here, must be broken."""


def dead_letter(record: Any, tp: TP, rejection: Rejection) -> Write:
    """A refused record as it is written; a record that came through the router names its source too."""
    source = [(name, value) for name, value in record.headers if name == "source" and value is not None]
    headers = (
        ("topic", tp.topic.encode()),
        ("partition", str(tp.partition).encode()),
        ("offset", str(record.offset).encode()),
        ("reason", rejection.reason.value.encode()),
        ("detail", rejection.detail.encode()),
        *source[:1],  # the router writes one; others may write what they like
    )
    return Write(record.key, record.value, headers)


class DeadLetterLimit:
    """Counts dead letters among the last records of a partition; in records, so that it does not
    depend on how fast they are read. Only what a wrong schema causes counts: one old file that is read
    again is too late as a whole, and no reason to stop."""

    def __init__(self, tp: TP, limit: int) -> None:
        self._tp = tp
        self._limit = limit
        self._recent: deque[tuple[int, int]] = deque()
        self._records = 0
        self._dead = 0

    def note(self, records: int, refused: Iterable[Rejection]) -> None:
        """Of ``records`` more records, these were refused. Raises ``TooManyDeadLettersError``."""
        dead = sum(one.reason.is_schema_fault for one in refused)
        self._recent.append((records, dead))
        self._records += records
        self._dead += dead
        while len(self._recent) > 1 and self._records - self._recent[0][0] >= WINDOW:
            gone_records, gone_dead = self._recent.popleft()
            self._records -= gone_records
            self._dead -= gone_dead
        if self._dead > self._limit:
            raise TooManyDeadLettersError(
                f"{self._dead} of the last {self._records} records of {self._tp.topic}-{self._tp.partition} do not "
                f"fit the published schemas (limit {self._limit}): look at them with 'paytide dlq list', "
                "mend the producer, or raise PAYTIDE_DEAD_LETTER_LIMIT"
            )
