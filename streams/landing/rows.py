"""The seam to ClickHouse: a record of a topic in, the rows it lands as out (O4)."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

import msgspec

from schemas.topics import DEAD_LETTERS, FACTS, INTERVENTIONS
from streams.fast import facts
from streams.fast.rows import LandedRow, NotLandable, SetAsideReason, Table
from streams.landing import dead_letters, landed, tasks
from streams.landing.landed import Incoming, set_aside

# A fact's module brings its table and what makes its rows; the modules there are, are what is landed.
_MODULES: Final[dict[str, Any]] = {
    module.name: import_module(f"{facts.__name__}.{module.name}")
    for module in iter_modules(facts.__path__)
    if module.name != "base"
}
_BY_FACT: Final[dict[str, Callable[[bytes, int], list[LandedRow]]]] = {
    name: module.rows for name, module in _MODULES.items()
}
_TABLES: Final[list[Table]] = [
    *(module.TABLE for module in _MODULES.values()),
    *(tasks.TABLE, dead_letters.TABLE, landed.TABLE),
]
COLUMNS: Final = {table.name: table.columns for table in _TABLES}
"""The columns of the rows made here, by table, in the order of their values."""
PARTITIONED: Final = {table.name: table.year_of for table in _TABLES if table.year_of is not None}
"""The tables that are partitioned by a year, and the column it is the year of."""


class _Kind(msgspec.Struct, gc=False):
    fact: str


_kind: Final = msgspec.json.Decoder(_Kind).decode


def rows_of(topic: str, record: Incoming) -> list[LandedRow]:
    """The rows a record of a landed topic becomes; the same record always gives the same rows.

    One that is not what we publish (a tombstone, garbage, the word of a newer release) becomes a row of
    ``set_aside``; nothing that a record holds raises.
    """
    try:
        return _BY_TOPIC[topic](record)
    except NotLandable as error:
        return [set_aside(topic, record, error.reason, error.detail)]
    except msgspec.ValidationError as error:  # says which field and what was expected, never the value
        return [set_aside(topic, record, SetAsideReason.INVALID, str(error))]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [set_aside(topic, record, SetAsideReason.MALFORMED, f"not JSON ({type(error).__name__})")]


def _fact(record: Incoming) -> list[LandedRow]:
    value = _value(record)
    kind = _kind(value).fact
    rows = _BY_FACT.get(kind)
    if rows is None:
        named = kind if kind.isidentifier() and len(kind) <= _LONGEST_KIND else "of no name"
        raise NotLandable(SetAsideReason.UNKNOWN_KIND, f"fact {named}: run a landing as new as what wrote it")
    return rows(value, record.offset)


def _value(record: Incoming) -> bytes:
    if record.value is None:
        raise NotLandable(SetAsideReason.NULL_VALUE, "the record has no value")
    return record.value


def _task(record: Incoming) -> list[LandedRow]:
    return tasks.rows(_value(record), record.offset)


_LONGEST_KIND: Final = 40
_BY_TOPIC: Final[dict[str, Callable[[Incoming], list[LandedRow]]]] = {
    FACTS: _fact,
    INTERVENTIONS: _task,
    DEAD_LETTERS: dead_letters.rows,
}
