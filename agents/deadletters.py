"""Dead letters: original bytes, where they came from and why they were refused (DESIGN 6)."""

from collections import deque
from typing import Any

from agents.errors import Stop
from agents.recordset.records import TP
from agents.recordset.transaction import Write
from schemas.dead import Rejection

WINDOW = 10_000


class TooManyDeadLettersError(Stop):
    """So many records are refused that something upstream, or here, must be broken."""


def dead_letter(record: Any, tp: TP, rejection: Rejection) -> Write:
    """A refused record as it is written; a record that came through the router names its source too."""
    source = tuple((name, value) for name, value in record.headers if name == "source")
    headers = (
        ("topic", tp.topic.encode()),
        ("partition", str(tp.partition).encode()),
        ("offset", str(record.offset).encode()),
        ("reason", rejection.reason.value.encode()),
        ("detail", rejection.detail.encode()),
        *source,
    )
    return Write(record.key, record.value, headers)


class DeadLetterLimit:
    """Counts dead letters among the last records of a partition; in records, so that it does not
    depend on how fast they are read."""

    def __init__(self, tp: TP, limit: int) -> None:
        self._tp = tp
        self._limit = limit
        self._recent: deque[tuple[int, int]] = deque()
        self._records = 0
        self._dead = 0

    def note(self, records: int, dead: int) -> None:
        """Of ``records`` more records, ``dead`` were refused. Raises ``TooManyDeadLettersError``."""
        self._recent.append((records, dead))
        self._records += records
        self._dead += dead
        while len(self._recent) > 1 and self._records - self._recent[0][0] >= WINDOW:
            gone_records, gone_dead = self._recent.popleft()
            self._records -= gone_records
            self._dead -= gone_dead
        if self._dead > self._limit:
            raise TooManyDeadLettersError(
                f"{self._dead} of the last {self._records} records of {self._tp.topic}-{self._tp.partition} were "
                f"refused (limit {self._limit}): look at them with 'paytide dlq list', mend the producer, or raise "
                "PAYTIDE_DEAD_LETTER_LIMIT"
            )
