"""Metrics: names as Prometheus expects them, labels without persons, numbers that add up."""

import ast
from pathlib import Path
from typing import NamedTuple

import pytest
from prometheus_client import generate_latest
from prometheus_client.metrics import MetricWrapperBase

import agents
from agents.log.records import TP
from agents.ops.metrics import Metrics
from schemas import topics
from schemas.groups import GROUPS
from streams.journal.books import Books
from tests.parsing import parse

HARMLESS = {"topic", "partition", "reason", "kind", "fact", "table"}
JOURNAL = TP(topics.JOURNAL, 1)


def own(metrics: Metrics) -> dict[str, MetricWrapperBase]:
    """Attribute → metric."""
    return {name: one for name, one in vars(metrics).items() if isinstance(one, MetricWrapperBase)}


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_counters_end_in_total_and_durations_in_seconds() -> None:
    for family in Metrics().registry.collect():
        assert family.name.startswith("paytide_"), f"{family.name} has another name space"
        if family.type == "counter":
            [text] = [
                line
                for line in generate_latest(Metrics().registry).decode().splitlines()
                if line.startswith(f"# TYPE {family.name}_total")
            ]
            assert text.endswith(" counter")
        elif family.type == "histogram":
            assert family.name.endswith(("_seconds", "_records")), f"{family.name} has no base unit"
        assert not family.name.endswith(("_ms", "_milliseconds", "_minutes")), (
            f"{family.name}: seconds, please"
        )


def test_every_metric_says_why_it_is_there() -> None:
    for family in Metrics().registry.collect():
        assert len(family.documentation) > 10, f"{family.name} explains nothing"
        assert family.documentation.endswith(".")


def test_no_label_names_a_person() -> None:
    for name, metric in own(Metrics()).items():
        assert set(metric._labelnames) <= HARMLESS, f"{name} has labels that are not known to be harmless"


def test_every_metric_is_set_somewhere() -> None:
    used: set[str] = set()
    for file in Path(agents.__file__).parent.rglob("*.py"):
        tree = parse(file.read_text())
        used |= {
            node.value.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and node.attr in {"inc", "set", "observe", "labels"}
            and isinstance(node.value, ast.Attribute)
        }
    assert set(own(Metrics())) - used == set(), "a metric that stays at nothing misleads"


def test_a_commit_is_measured_in_seconds_and_records() -> None:
    metrics = Metrics()
    metrics.on_commit(JOURNAL, 30, 0.04, 7)
    metrics.on_commit(JOURNAL, 0, 0.02, 0)
    topic = {"topic": topics.JOURNAL}
    assert sample(metrics, "paytide_records_read_total", **topic) == 30
    assert sample(metrics, "paytide_records_skipped_total", **topic) == 7
    assert sample(metrics, "paytide_transaction_seconds_sum", **topic) == pytest.approx(0.06)
    assert sample(metrics, "paytide_transaction_seconds_count", **topic) == 2
    assert sample(metrics, "paytide_record_set_records_count", **topic) == 1, (
        "a commit without records has no size"
    )


def test_the_books_move_the_counters_by_their_difference() -> None:
    metrics = Metrics()
    before = Books(read=100, applied=90, duplicate=5, dead={"invalid": 5})
    after = Books(read=110, applied=96, duplicate=6, dead={"invalid": 6, "too_late": 2})
    metrics.on_books(JOURNAL, before, after)
    assert sample(metrics, "paytide_records_applied_total", topic=topics.JOURNAL) == 6
    assert sample(metrics, "paytide_records_duplicate_total", topic=topics.JOURNAL) == 1
    assert sample(metrics, "paytide_dead_letters_total", topic=topics.JOURNAL, reason="invalid") == 1
    assert sample(metrics, "paytide_dead_letters_total", topic=topics.JOURNAL, reason="too_late") == 2
    assert sample(metrics, "paytide_books_off", topic=topics.JOURNAL, partition="1") == 0


def test_books_that_do_not_balance_are_seen() -> None:
    metrics = Metrics()
    metrics.on_books(JOURNAL, Books(), Books(read=10, applied=7, duplicate=1, dead={"invalid": 1}))
    assert sample(metrics, "paytide_books_off", topic=topics.JOURNAL, partition="1") == 1


class Said(NamedTuple):
    """Something published."""

    topic: str
    counted_as: str
    key: bytes | None = None
    addressed_to: int | None = None
    to_all: bool = False

    def to_json(self) -> bytes:
        return b"{}"


def test_tasks_facts_and_what_the_logs_tell_each_other_are_counted_apart() -> None:
    metrics = Metrics()
    metrics.on_emitted(
        [
            Said(topics.INTERVENTIONS, "outflow_alert"),
            Said(topics.FACTS, "outflow"),
            *[Said(GROUPS, "paid")] * 3,
            Said(topics.JOURNAL, "employer"),
        ]
    )
    assert sample(metrics, "paytide_tasks_total", kind="outflow_alert") == 1
    assert sample(metrics, "paytide_facts_total", fact="outflow") == 1
    assert sample(metrics, "paytide_exchanged_total", topic=GROUPS, kind="paid") == 3
    assert sample(metrics, "paytide_exchanged_total", topic=topics.JOURNAL, kind="employer") == 1


def test_the_figures_of_a_lost_partition_go_and_those_of_others_stay() -> None:
    metrics = Metrics()
    for number in (1, 2):
        metrics.on_books(TP(topics.JOURNAL, number), Books(), Books())
        metrics.clock.labels(topics.JOURNAL, number).set(5)
        metrics.position.labels(topics.JOURNAL, number).set(7)
    metrics.on_revoked(JOURNAL)
    gone = generate_latest(metrics.registry).decode().count('partition="1"')
    assert gone == 0, "two workers would tell different clocks of one partition"
    assert sample(metrics, "paytide_clock_seconds", topic=topics.JOURNAL, partition="2") == 5
    assert sample(metrics, "paytide_position", topic=topics.JOURNAL, partition="2") == 7


def test_the_loss_of_a_partition_without_figures_is_no_error() -> None:
    metrics = Metrics()
    metrics.on_revoked(JOURNAL)
    metrics.on_revoked(TP("changelog", 0))


def test_two_processes_in_one_do_not_share_metrics() -> None:
    one, other = Metrics(), Metrics()
    one.landing_failures.inc()
    assert sample(other, "paytide_landing_failures_total") == 0
