"""What is inserted together: records, the rows they become, and which record a row came from."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from streams.fast.rows import LandedRow, SetAsideReason
from streams.landing.landed import Incoming, set_aside
from streams.landing.rows import COLUMNS, PARTITIONED

Values = tuple[object, ...]

_DAY: Final = {table: COLUMNS[table].index(column) for table, column in PARTITIONED.items()}
"""Where the rows of a partitioned table hold the day that decides."""
MOST_PARTITIONS: Final = 50
"""How many partitions one insert may touch: ClickHouse refuses more than 100, unless told otherwise."""


class Refused(NamedTuple):
    """A row that ClickHouse does not take: its table, the row itself, and why, without any value."""

    table: str
    values: Values
    detail: str


class Batch:
    """Records taken in, and their rows by table in the order they came."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Values]] = defaultdict(list)
        self.rows = 0
        self._sources: list[tuple[str, Incoming, list[LandedRow]]] = []

    def add(self, topic: str, record: Incoming, rows: list[LandedRow]) -> None:
        """Take in a record and the rows it becomes."""
        tables = self.tables
        for table, values in rows:
            tables[table].append(values)
        self.rows += len(rows)
        self._sources.append((topic, record, rows))

    def set_aside(self, refused: Iterable[Refused]) -> list[Values]:
        """The ``set_aside`` rows of the records whose rows were refused, one a record."""
        # By identity, and only now: a refused row is rare, and rows may be equal.
        sources = {id(row.values): (topic, record) for topic, record, rows in self._sources for row in rows}
        aside: dict[tuple[str, int, int], Values] = {}
        for table, values, detail in refused:
            topic, record = sources[id(values)]
            row = set_aside(topic, record, SetAsideReason.REFUSED, f"{table}: {detail}")
            aside.setdefault((topic, record.partition, record.offset), row.values)
        return list(aside.values())


def inserts(table: str, rows: Sequence[Values]) -> list[Sequence[Values]]:
    """Rows in as few inserts as ClickHouse's limit on partitions allows; a year is never split."""
    at = _DAY.get(table)
    if at is None:
        return [rows]
    days: set[Any] = {row[at] for row in rows}  # far fewer than rows: whoever looks at these saves time
    years = {day.year for day in days}
    if len(years) <= MOST_PARTITIONS:
        return [rows]
    group_of = {year: number // MOST_PARTITIONS for number, year in enumerate(sorted(years))}
    group_of_day = {day: group_of[day.year] for day in days}
    groups: dict[int, list[Values]] = defaultdict(list)
    for row in rows:
        groups[group_of_day[row[at]]].append(row)
    return list(groups.values())
