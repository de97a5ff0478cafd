"""What the figures should be: the least that is asked for, and what is aimed at."""

from typing import Any, Final, NamedTuple

from tests.bench.stand import Size

NOT_MEASURED: Final = "not measured"


class Run(NamedTuple):
    """A measurement that was made: when, of which commit, where, how large, and its figures."""

    at: str
    commit: str | None
    machine: dict[str, Any]
    size: Size
    figures: dict[str, float]


Runs = dict[str, Run]
"""The last run of each measurement, by name."""


class Target(NamedTuple):
    """A figure of a measurement. ``at_least`` and ``aim``: in the figure's unit; ``down``: whether less is
    better; ``least_size``: a field of ``Size`` and what it must be for the figure to count."""

    what: str
    measurement: str
    figure: str
    at_least: float
    aim: float
    down: bool = False
    least_size: tuple[str, int] = ("events", 0)

    def value(self, runs: Runs) -> float | None:
        """The figure, None if it was not measured."""
        run = runs.get(self.measurement)
        return None if run is None else run.figures.get(self.figure)

    def verdict(self, runs: Runs) -> str:
        """In a word or two, what the figure comes to."""
        value = self.value(runs)
        if value is None:
            return NOT_MEASURED
        said = "aim met" if self._holds(value, self.aim) else "met"
        said = said if self._holds(value, self.at_least) else "missed"
        name, least = self.least_size
        too_small = getattr(runs[self.measurement].size, name) < least
        return f"{said}, but with {name} below {least:,}" if too_small else said

    def _holds(self, value: float, limit: float) -> bool:
        return value <= limit if self.down else value >= limit


MILLION: Final = ("accounts", 1_000_000)

TARGETS: Final = (
    Target("full service ÷ stock Faust on the bench task", "field", "full_by_stock_faust", 15, 50),
    Target("bench task ÷ Quix Streams with state", "field", "task_by_quix", 2, 5),
    Target("bench task ÷ Kafka Streams, exactly once, 1 thread, in memory", "field", "task_by_kafka_streams", 1, 2),
    Target("full service from the journal, events/s", "journal", "events_per_s", 30_000, 100_000),
    Target("router, events/s", "router", "routed_per_s", 40_000, 150_000),
    Target(
        "event → task: p99 ÷ Kafka Streams' p99", "latency", "p99_by_kafka_streams", 1.5, 0.8,
        down=True, least_size=("rate", 5_000),
    ),
    Target("recovery after a kill, s", "recovery", "working_s", 30, 10, down=True, least_size=MILLION),
    Target("memory per account, bytes", "memory", "bytes_per_account", 1_024, 400, down=True, least_size=MILLION),
    Target("events/s with 1 000 000 accounts ÷ with 10 000", "scale", "many_by_few", 0.7, 0.95, least_size=MILLION),
    Target(
        "a tick that closes 100 000 cycles: longest stall, ms", "tick", "longest_gap_ms", 500, 100,
        down=True, least_size=("cycles", 100_000),
    ),
    Target("landing, rows/s", "landing", "rows_per_s", 50_000, 200_000),
)  # fmt: skip
