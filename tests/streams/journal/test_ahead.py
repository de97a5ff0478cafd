"""The first playbook of a partition holds from its beginning, though its record stands further on (B4)."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.journal.ahead import playbook_of
from streams.journal.control import PLAYBOOKS
from streams.journal.eventsfile import Line
from tests.reference.lines import at, credit, out, tick
from tests.streams.builders import LARGE, Kept, Values, cycles, file_of, record, rules, when
from tests.streams.journal.test_control import book, change, held
from tests.streams.journals import calendar_line, journals, playbook_line

STRICT = change(when(0), 2, flags={"single_share": "0.9"})
"""Under it ``LARGE`` is not large."""


def ahead(*lines: Values | Line) -> list[Line]:
    read = [line if isinstance(line, Line) else record(line) for line in lines]
    return [line for line in read if playbook_of(line) is not None]


def live(*lines: Values, **more: Any) -> Kept:
    """Lines as the detector reads them, which has looked ahead for their playbooks."""
    return Kept(ahead=ahead(*lines), **more).read(*lines)


def first(version: int = 2, **parts: dict[str, Any]) -> Values:
    """A playbook for a log that has none."""
    line = change(when(0), version, **parts)
    return line | {"value": line["value"] | {"first": True}}


def test_what_stands_before_it_is_decided_under_it() -> None:
    kept = live(*LARGE, tick(at(1)), STRICT).take()
    assert kept.tasks == [], "the worker's own file has decided something"
    assert held(kept, when(-900), when(900)) == [2, 2]
    assert file_of(*LARGE, tick(at(1)), STRICT).tasks == []


def test_its_fact_comes_with_its_record_and_the_record_is_applied() -> None:
    kept = live(*LARGE, tick(at(1))).take()
    assert kept.facts == []
    kept = live(*LARGE, tick(at(1)), STRICT).take()
    assert [fact.fact for fact in kept.facts] == ["playbook_in_force"]
    books = kept.partition.row.books
    assert (books.read, books.applied, books.duplicate) == (4, 4, 0)


@pytest.mark.parametrize("cut", range(4))
def test_a_restart_before_or_after_its_record_changes_nothing(cut: int) -> None:
    lines = [*LARGE, tick(at(1)), STRICT]
    kept = Kept(ahead=ahead(*lines)).read(*lines[:cut]).restart().read(*lines[cut:])
    assert kept.outcome == live(*lines).outcome


def test_one_that_is_not_valid_is_passed_over_and_refused_at_its_place() -> None:
    kept = live(*LARGE, change(when(0), 3, accounting={"merge_days": 0}), STRICT).take()
    assert (kept.tasks, held(kept, when(0))) == ([], [2])
    assert [dead.place for dead in kept.dead] == [2]


def test_over_older_state_it_holds_from_the_clock_on() -> None:
    kept = Kept(rules(version=1)).read(credit("p", at(0), 1_000_000), tick(at(3))).take()
    later = [out("x", at(3), 300_000), STRICT, tick(at(40))]
    table, row = kept.table, kept.partition.row
    upgraded = Kept(ahead=ahead(*later))
    upgraded.table.update(table)
    upgraded.go_on(row).read(*later).take()
    assert held(upgraded, when(3) - 1, when(3)) == [1, 2]
    assert [fact["playbook"]["version"] for fact in cycles(upgraded.facts)] == [1], "the cycle's own edition"


def test_over_older_state_the_same_as_before_is_no_other_edition() -> None:
    lines = [credit("p", at(0), 1_000_000), tick(at(3)), out("x", at(3), 300_000)]
    older = Kept(rules(version=2)).read(*lines).take()
    own, later = change(when(5)), tick(at(40))
    upgraded = Kept(rules(version=2), ahead=ahead(own))
    upgraded.table.update(older.table)
    upgraded.go_on(older.partition.row).read(own, later).take()
    fresh = live(*lines, own, later).take()
    assert upgraded.table == fresh.table, "a replay from the beginning has another state"


def test_what_was_refused_ahead_as_it_would_change_what_is_fixed_is_refused_at_its_place() -> None:
    older = Kept().read(*LARGE, tick(at(3))).take()
    moved, own = change(when(0), 3, bank={"timezone": "Europe/Prague"}), change(when(0), 4)
    upgraded = Kept(ahead=ahead(moved, own))
    upgraded.table.update(older.table)
    upgraded.go_on(older.partition.row).read(moved, own).take()
    assert [dead.place for dead in upgraded.dead] == [0]
    assert held(upgraded, when(3)) == [4]


def test_there_is_one_first_playbook() -> None:
    partition = Kept(ahead=ahead(STRICT)).partition
    assert not partition.foresee(record(change(when(0), 3)))
    assert [edition.book.version for edition in partition.in_force.editions] == [2]


def test_a_first_one_changes_nothing_where_there_is_one() -> None:
    kept = live(change(when(0)), first(7), tick(at(1)), first(8)).take()
    assert held(kept, when(900)) == [2]
    assert kept.partition.row.books.duplicate == 2
    assert held(live(first(7), first(8)), when(900)) == [7]
    assert held(live(*LARGE, first(7), change(when(5), 8)), when(0), when(5)) == [7, 8]


def test_a_file_says_whether_it_has_a_playbook_of_its_own() -> None:
    assert file_of(*LARGE, STRICT).own_playbooks
    assert not file_of(*LARGE).own_playbooks
    both = [line | {"partition": 0} for line in (*LARGE, STRICT)] + [LARGE[0] | {"partition": 1}]
    assert not file_of(*both).own_playbooks


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        (record(STRICT), True),
        (
            Line(
                "t",
                None,
                b'{"schema":1,"from":"2026-01-05T00:00:00Z","playbook":{}}',
                (("type", b"playbook"),),
            ),
            True,
        ),
        (Line("t", None, record(STRICT).value.replace(b'"playbook"', b'"\\u0070laybook"')), True),
        (record(calendar_line(1)), False),
        (record(credit("playbook", at(0), 1)), False),
        (Line("t", None, b'{"type":"playbook"}'), False),
        (Line("t", None, None), False),
    ],
)
def test_a_playbook_is_known_by_its_type(line: Line, is_one: bool) -> None:
    assert (playbook_of(line) is not None) is is_one


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(journals(), st.data())
def test_where_records_are_cut_and_when_a_worker_restarts_decides_nothing(
    journal: dict[str, Any], data: st.DataObject
) -> None:
    whole = playbook_line(book(7, flags={"single_share": "0.2"}), at(0))
    lines = [*journal["lines"]]
    lines.insert(data.draw(st.integers(0, len(lines))), record(whole))
    at_once, cut = (Kept(journal["by"], ticking=journal["ticking"], ahead=ahead(*lines)) for _ in range(2))
    at_once.read(*lines)
    while lines:
        count = data.draw(st.integers(1, len(lines)), label="records of a set")
        cut.read_together(lines[:count])
        lines = lines[count:]
        if data.draw(st.booleans(), label="restart after it"):
            cut.restart()
    assert cut.outcome == at_once.outcome
    assert PLAYBOOKS in cut.table
