from inspect import getsourcefile
from pathlib import Path

import pytest

from tests.bench import field, report
from tests.bench.__main__ import MEASUREMENTS
from tests.bench.contestants import FIELD, USUAL, chosen
from tests.bench.stand import Rate, Size, rate_of
from tests.bench.targets import TARGETS, Run, Runs, Target

SIZE = Size(events=500_000, accounts=1_000_000, turns=3, rate=5_000, cycles=100_000)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.figure)
def test_every_target_is_a_figure_of_a_measurement(target: Target) -> None:
    source = Path(getsourcefile(MEASUREMENTS[target.measurement]) or "").read_text()
    assert f'"{target.figure}"' in source
    assert target.aim < target.at_least if target.down else target.aim > target.at_least
    assert hasattr(SIZE, target.least_size[0])


def _runs(name: str, value: float, size: Size = SIZE) -> Runs:
    return {name: Run("", None, {}, size, {"x": value})}


def test_verdicts() -> None:
    up = Target("", "journal", "x", 2, 5)
    assert [up.verdict(_runs("journal", value)) for value in (1, 2, 5)] == ["missed", "met", "aim met"]
    assert up.verdict(_runs("tick", 1)) == "not measured"
    down = Target("", "tick", "x", 5, 2, down=True, least_size=("cycles", 100_000))
    assert [down.verdict(_runs("tick", value)) for value in (6, 5, 2)] == ["missed", "met", "aim met"]
    small = SIZE._replace(cycles=10)
    assert down.verdict(_runs("tick", 2, small)) == "aim met, but with cycles below 100,000"


def test_results_are_read_as_they_were_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results.json")
    assert report.read() == {}
    runs = _runs("journal", 1) | _runs("tick", 2)
    report.write(runs)
    assert report.read() == runs


def test_a_ratio_is_taken_in_each_turn_and_by_the_fastest_of_the_others() -> None:
    turns = [
        {"paytide_task": Rate(10, 1), "quix_alos": Rate(2, 1), "quix_eos": Rate(5, 1)},
        {"paytide_task": Rate(30, 1), "quix_alos": Rate(5, 1), "quix_eos": Rate(2, 1)},
        {"paytide_task": Rate(9, 1), "quix_alos": Rate(3, 1), "quix_eos": Rate(1, 1)},
    ]
    figures = field.figures(turns)
    assert figures["task_by_quix"] == 3
    assert figures["paytide_task_per_s"] == 10
    assert "task_by_kafka_streams" not in figures


def test_a_commit_that_waited_for_its_time_does_not_count() -> None:
    seen = [(20, 2.0, 1.0), (40, 4.0, 2.0), (80, 8.0, 4.0), (100, 60.0, 5.0)]
    assert rate_of(seen, 0, 100) == Rate(10, 50_000)
    with pytest.raises(ValueError, match="too few"):
        rate_of(seen[2:], 0, 100)


def test_contestants_are_chosen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [contestant.name for contestant in chosen()] == list(USUAL)
    monkeypatch.setenv("CONTESTANTS", "all")
    assert len(chosen()) == len(FIELD)
    monkeypatch.setenv("CONTESTANTS", "flink")
    with pytest.raises(ValueError, match="no such contestant: flink"):
        chosen()
