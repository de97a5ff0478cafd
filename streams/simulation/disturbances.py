"""The way from a posting to its arrival: late, twice, or broken (R2, R3, O3)."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from streams.simulation.line import SimulatedLine
from streams.simulation.population import Rates

_HOUR: Final = 3600

_BREAKS: Final[tuple[Callable[[dict[str, Any]], dict[str, Any]], ...]] = (
    lambda value: {name: value[name] for name in value if name != "amount"},
    lambda value: value | {"amount": f"{value['amount'] / 100:.2f}"},
    lambda value: value | {"amount": 0},
    lambda value: value | {"currency": "yuan"},
    lambda value: value | {"occurred_at": value["occurred_at"][:19]},
    lambda value: value | {"event_id": ""},
)


def arrivals(rng: Random, at: int, line: SimulatedLine, rates: Rates) -> Iterator[tuple[int, SimulatedLine]]:
    """A line booked at local second ``at`` → (local second, line) for each time it arrives."""
    arrival = at + _delay(rng, rates)
    yield arrival, line
    # One draw for both, which can exclude each other: this runs for every posting.
    draw = rng.random()
    if draw < rates.duplicate:
        yield arrival + rng.randint(1, 2 * _HOUR), line
    elif draw > 1.0 - rates.malformed:
        yield (
            arrival + 1,
            {"topic": line["topic"], "key": line["key"], "value": rng.choice(_BREAKS)(line["value"])},
        )


def _delay(rng: Random, rates: Rates) -> int:
    draw = rng.random()
    if draw < rates.too_late:
        return rng.randint(26 * _HOUR, 72 * _HOUR)
    if draw < rates.too_late + rates.late:
        return rng.randint(_HOUR, 20 * _HOUR)
    # A few seconds on the wire, so that accounts interleave a little out of order.
    return int(draw * 4)
