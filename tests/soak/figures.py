"""From samples to figures: pure, so that what the soak says of slopes can be tested without an hour."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tests.bench.stand import percentile

MIB = 2**20
HOUR = 3600.0
WARM_UP_SHARE = 0.5


class Sample(NamedTuple):
    """One interval. ``at``: seconds since the load began; ``resident``: bytes by process; ``took``:
    milliseconds of the marked transfers answered in it; ``disturbed``: a worker was away or came back."""

    at: float
    resident: Mapping[str, int]
    took: Sequence[float]
    disturbed: bool


class Matching:
    """Which marked transfers were answered, and how long it took; what is matched is let go.

    Appending and reading are told by two processes, in whatever order."""

    def __init__(self) -> None:
        self._appended: dict[str, float] = {}
        self._read: dict[str, float] = {}
        self._took: list[float] = []

    @property
    def unanswered(self) -> int:
        """Marked transfers that were appended and have no task so far."""
        return len(self._appended)

    def appended(self, name: str, at: float) -> None:
        """A marked transfer was appended; milliseconds since the epoch."""
        if name in self._read:
            self._took.append(self._read.pop(name) - at)
        else:
            self._appended[name] = at

    def read(self, name: str, at: float) -> None:
        """Its task was readable; milliseconds since the epoch."""
        if name in self._appended:
            self._took.append(at - self._appended.pop(name))
        else:
            self._read[name] = at

    def take(self) -> list[float]:
        """Milliseconds of what was matched since the last call."""
        took, self._took = self._took, []
        return took


def slope(points: Iterable[tuple[float, float]]) -> float | None:
    """Least squares: how much y rises with each x. None if the points do not say: fewer than two places."""
    chosen = list(points)
    if len({x for x, _ in chosen}) < 2:
        return None
    mean_x = sum(x for x, _ in chosen) / len(chosen)
    mean_y = sum(y for _, y in chosen) / len(chosen)
    over = sum((x - mean_x) * (y - mean_y) for x, y in chosen)
    return over / sum((x - mean_x) ** 2 for x, _ in chosen)


def memory(samples: Sequence[Sample], steady: Iterable[str]) -> dict[str, dict[str, float | None]]:
    """For each process the most it held (MiB); for those never restarted how it rose (MiB an hour) and
    ended, the first half left out: caches fill, accounts come."""
    settled = _settled(samples)
    figures: dict[str, dict[str, float | None]] = {}
    for name in sorted({name for sample in samples for name in sample.resident}):
        held = [sample.resident[name] / MIB for sample in samples if name in sample.resident]
        figures[name] = {"most_mib": _rounded(max(held))}
        if name in steady:
            rise = slope((one.at, one.resident[name] / MIB * HOUR) for one in settled if name in one.resident)
            figures[name] |= {"mib_per_hour": _rounded(rise), "end_mib": _rounded(held[-1])}
    return figures


def latency(samples: Sequence[Sample]) -> dict[str, float | None]:
    """Milliseconds: p50 and p99 of the quiet intervals' transfers and of the others', and how the p50 and p99
    of quiet intervals rose (ms an hour), the first half left out."""
    calm = [sample for sample in samples if not sample.disturbed and sample.took]
    rough = [sample for sample in samples if sample.disturbed and sample.took]
    figures: dict[str, float | None] = {}
    for share, name in ((0.5, "p50"), (0.99, "p99")):
        figures[f"{name}_ms"] = _of_all(calm, share)
        figures[f"{name}_ms_around_rebalances"] = _of_all(rough, share)
        rise = slope((one.at, percentile(one.took, share) * HOUR) for one in _settled(samples) if one in calm)
        figures[f"{name}_ms_per_hour"] = _rounded(rise)
    return figures


def _of_all(samples: Sequence[Sample], share: float) -> float | None:
    took = [one for sample in samples for one in sample.took]
    return _rounded(percentile(took, share)) if took else None


def _settled(samples: Sequence[Sample]) -> Sequence[Sample]:
    return samples[int(WARM_UP_SHARE * len(samples)) :]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
