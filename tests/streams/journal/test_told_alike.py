"""Where record sets are cut, in what slices deadlines fire, and restarts decide nothing of what the groups are told (A1,
A2, A4, A6)."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.groups import keys
from tests.reference.lines import at, credit, tick
from tests.streams.builders import Kept, at_account, record, when
from tests.streams.journals import journals
from tests.streams.told import changed, grouped, several

examined = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
END = when(300)
either = journals() | several().flatmap(changed)


def kept_of(journal: dict[str, Any]) -> Kept:
    return Kept(journal["by"], ticking=journal["ticking"])


def cut(journal: dict[str, Any], data: st.DataObject) -> Kept:
    """In sets of any size, with deadlines left waiting, and restarts."""
    kept, rest = kept_of(journal), journal["lines"][:]
    while rest:
        size = data.draw(st.integers(1, len(rest)), label="records of a set")
        kept.partition.read_all(rest[:size])
        kept.partition.work(data.draw(st.integers(0, 2), label="deadlines"))
        kept.take()
        if data.draw(st.booleans(), label="restart"):
            kept.restart()
        del rest[:size]
    return kept


@examined
@given(either, st.data())
def test_any_cut_any_slices_and_any_restart_tell_the_same_together(
    journal: dict[str, Any], data: st.DataObject
) -> None:
    straight = kept_of(journal).read(*journal["lines"])
    assert cut(journal, data).tick(END).outcome == straight.tick(END).outcome


@examined
@given(either, st.data())
def test_whatever_the_cut_the_groups_decide_the_same(journal: dict[str, Any], data: st.DataObject) -> None:
    straight = grouped(kept_of(journal).read(*journal["lines"]).tick(END).take(), journal["by"])
    other = grouped(cut(journal, data).tick(END).take(), journal["by"])
    assert other.dead == [], "a watermark has promised more than was kept"
    assert (other.facts, other.answers) == (straight.facts, straight.answers)
    assert of_groups(other.table) == of_groups(straight.table)


def of_groups(table: dict[bytes, bytes]) -> dict[bytes, bytes]:
    return {key: value for key, value in table.items() if keys.is_of_group(key)}


@examined
@given(either, st.data())
def test_of_the_same_cuts_the_same_records_come_in_the_same_order(
    journal: dict[str, Any], data: st.DataObject
) -> None:
    at_once, sliced, rest = kept_of(journal), kept_of(journal), journal["lines"][:]
    while rest:
        size = data.draw(st.integers(1, len(rest)), label="records of a set")
        at_once.read_together(rest[:size]).take()
        for line in rest[:size]:
            sliced.partition.read(line)
            sliced.partition.work(data.draw(st.integers(0, 1), label="deadlines"))
        while sliced.partition.backlog:
            sliced.partition.work(1)
        sliced.take()
        if data.draw(st.booleans(), label="restart"):
            sliced.restart()
        del rest[:size]
    assert [one.to_json() for one in sliced.told] == [one.to_json() for one in at_once.told]


def test_records_stand_in_one_order_whichever_account_was_worked_on_first() -> None:
    lines = [
        at_account(credit("p", at(day, 9), 1_000, employer_id=employer), name)
        for name, day, employer in (("a", 1, "f"), ("b", 0, "f"), ("c", 1, "e"))
    ]
    told = []
    for some in (lines, lines[::-1]):
        kept = Kept().read_together([record(tick(at(1, 9))), *map(record, some)]).take()
        told.append([one.to_json() for one in kept.told])
    assert told[0] == told[1]
    assert len(told[0]) == 4, "three paydays and a watermark"
