"""What to do about an error of any kind, and what to tell the user about it.

A library's table is looked up only if the library is loaded: no error of it can have been raised before, and
no command has to import what only another one needs.
"""

import sys
from collections.abc import Iterator

from agents.advice.system import SYSTEM
from agents.errors import Advice, BackOff, Reaction, Retry, Stop, Table, own_words

_OWN: Table = {root: Advice(root, own_words) for root in (Stop, BackOff, Retry)}


def reaction_to(error: BaseException) -> Reaction:
    """How to react; what no table knows is a fault of ours, which stops the service."""
    found = _advice(error)
    return Stop if found is None else found[1].reaction


def explain(error: BaseException) -> str | None:
    """What to tell the user, in one line; None for an error that nobody expects."""
    found = _advice(error)
    if found is None:
        return None
    cause, advice = found
    return advice.tell(cause)


def tables() -> Iterator[Table]:
    """The tables whose libraries are loaded."""
    yield _OWN
    yield SYSTEM
    if "aiokafka" in sys.modules:
        from agents.advice.kafka import KAFKA

        yield KAFKA
    if "clickhouse_connect" in sys.modules:
        from agents.advice.clickhouse import CLICKHOUSE

        yield CLICKHOUSE
    if "pydantic" in sys.modules:
        from agents.advice.settings import SETTINGS

        yield SETTINGS
    if "streams.state.envelope" in sys.modules:
        from agents.advice.state import STATE

        yield STATE


def _advice(error: BaseException) -> tuple[BaseException, Advice] | None:
    # aiokafka wraps what it did not expect into a bare KafkaError: a reason to stop may lie below.
    known = [(one, advice) for one in _causes(error) if (advice := _of_class(type(one))) is not None]
    return next((one for one in known if one[1].reaction is Stop), known[0] if known else None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))  # an error that is raised "from" itself, as mode does, is its own cause
        cause = None if isinstance(cause, Stop | BackOff | Retry) else cause.__cause__


def _of_class(kind: type[BaseException]) -> Advice | None:
    known = list(tables())
    for base in kind.__mro__:
        for table in known:
            if base in table:
                return table[base]
    return None
