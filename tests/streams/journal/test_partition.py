"""A partition: where its records are cut, and when its deadlines fire, decides nothing (J1, J5, J6, J8)."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.dead import Reason
from schemas.instant import DAY, HOUR, MINUTE
from streams.journal.eventsfile import Line
from streams.journal.row import encode_row
from tests.reference.lines import at, credit, move, out, tick
from tests.streams.builders import LARGE, SHIPPED, TASK_EVENT, Kept, record, when
from tests.streams.journals import journals, ticked

examined = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def at_once(journal: dict[str, Any]) -> Kept:
    kept = Kept(journal["by"], ticking=journal["ticking"])
    return kept.read(*journal["lines"])


def differently(journal: dict[str, Any]) -> Kept:
    return Kept(journal["by"], ticking=journal["ticking"])


def finish(kept: Kept, looks: int = 1) -> Any:
    """All there is at the end of a journal, and some time after it. ``looks``: in so many ticks."""
    clock = kept.partition.clock
    outcomes = [kept.outcome]
    for days in (0, 3, 10, 60):
        for n in range(looks):
            if clock is not None:
                kept.tick(clock + days * DAY * (n + 1) // looks)
        outcomes.append(kept.outcome)
    return outcomes


@examined
@given(journals(), st.data())
def test_where_a_record_set_was_cut_changes_nothing(journal: dict[str, Any], data: st.DataObject) -> None:
    cut = differently(journal)
    every = data.draw(st.sampled_from([1, 1, 2, 5]), label="a take after so many records")
    for n, line in enumerate(journal["lines"]):
        cut.read(line)
        if n % every == 0:
            cut.take()
    assert finish(cut) == finish(at_once(journal))


@examined
@given(journals(), st.data())
def test_records_read_together_decide_as_one_after_the_other(
    journal: dict[str, Any], data: st.DataObject
) -> None:
    together, lines = differently(journal), journal["lines"]
    while lines:
        count = data.draw(st.integers(1, len(lines)), label="records of a set")
        together.read_together(lines[:count])
        if data.draw(st.booleans(), label="a take after it"):
            together.take()
        lines = lines[count:]
    assert finish(together) == finish(at_once(journal))


def test_a_tick_that_has_a_key_counts_where_it_stands_among_records_read_together() -> None:
    keyed = tick(at(20)) | {"key": "b"}  # nobody should, but it is a tick
    lines = [
        record(line | {"key": name, "value": line["value"] | {"account_id": name}})
        for name in "ab"
        for line in (credit(f"p-{name}", at(0), 100), out(f"m-{name}", at(1), 50))
    ]
    journal = [lines[0], lines[2], record(tick(at(1))), record(keyed), lines[1], lines[3]]
    together = Kept().read_together(journal)
    one_by_one = Kept().read(*journal)
    assert together.outcome == one_by_one.outcome
    assert together.dead == one_by_one.dead, "and both of the late ones are refused, each at its place"
    assert [dead.place for dead in together.dead] == [4, 5]


@examined
@given(journals(), st.data())
def test_a_restart_from_the_stored_bytes_changes_nothing(
    journal: dict[str, Any], data: st.DataObject
) -> None:
    restarted = differently(journal)
    for line in journal["lines"]:
        restarted.read(line)
        if data.draw(st.integers(0, 2), label="restart here") == 0:
            restarted.restart()
    assert finish(restarted.restart()) == finish(at_once(journal))


@examined
@given(journals(), st.data())
def test_deadlines_fired_late_and_one_at_a_time_change_nothing(
    journal: dict[str, Any], data: st.DataObject
) -> None:
    sliced = differently(journal)
    for line in journal["lines"]:
        sliced.partition.read(line)
        for _ in range(data.draw(st.integers(0, 2), label="slices")):
            sliced.partition.work(1)
        if data.draw(st.integers(0, 5), label="restart, with deadlines waiting") == 0:
            sliced.restart()
    while sliced.partition.backlog:
        sliced.partition.work(1)
    assert finish(sliced) == finish(at_once(journal))


@examined
@given(journals(), st.integers(1, 40))
def test_many_ticks_are_as_good_as_one(journal: dict[str, Any], many: int) -> None:
    if not journal["ticking"]:
        journal = journal | {"ticking": True, "lines": [*journal["lines"], ticked(when(100))]}
    coarse, fine = differently(journal), differently(journal)
    for line in journal["lines"]:
        before = fine.partition.clock
        after = coarse.read(line).partition.clock  # a tick too far ahead does not move it
        if before is not None and after is not None and after > before:
            for n in range(1, many):
                fine.tick(before + (after - before) * n // many)
        fine.read(line)
    assert finish(fine, many) == finish(coarse)


def test_deadlines_wait_for_work_and_are_counted() -> None:
    kept = Kept()
    for name in "abc":
        kept.partition.read(record(credit("p", at(0), 100) | {"key": name, "value": named(name)}))
    kept.partition.advance(when(9, 0) + MINUTE)
    assert kept.partition.backlog == 3
    kept.partition.work(2)
    assert kept.partition.backlog == 1
    assert {fact.account_id for fact in kept.take().facts} == {"a", "b"}
    kept.partition.work(2)
    assert {fact.account_id for fact in kept.take().facts} == {"a", "b", "c"}


def named(name: str) -> dict[str, Any]:
    return credit("p", at(0), 100)["value"] | {"account_id": name}


def test_an_event_finds_its_own_account_s_deadlines_fired() -> None:
    kept = Kept().read(*LARGE)
    kept.partition.advance(when(9, 0) + 1)
    assert kept.take().facts == [], "nothing has fired before work"
    kept.partition.read(record(move("y", at(9), 1, "out", "fee")))
    assert kept.take().facts[0].fact == "account_cycle"
    kept.partition.work(10)
    assert len(kept.take().facts) == 3, "a close came twice"


def test_a_key_that_belongs_to_another_partition_is_refused() -> None:
    kept = Kept(is_ours=lambda key: key == b"a").read(LARGE[0], other("b"), LARGE[1]).take()
    assert [(dead.place, dead.rejection.reason) for dead in kept.dead] == [(1, Reason.WRONG_PARTITION)]
    assert list(kept.table) == [b"a"], "an account of another partition is kept"


def test_a_record_of_another_partition_does_not_move_the_clock_of_a_file() -> None:
    kept = Kept(ticking=False, is_ours=lambda key: key == b"a").read(credit("p", at(0), 1))
    late = record(credit("q", at(9), 1) | {"key": "b", "value": named("b") | {"occurred_at": at(9)}})
    assert kept.read(late).partition.clock == when(0)


def other(name: str) -> dict[str, Any]:
    return LARGE[0] | {"key": name, "value": named(name)}


def test_a_type_topic_may_have_records_without_a_key() -> None:
    kept = Kept()
    line = record(out("x", at(0), 1))
    line.key = None
    kept.partition.read(line, type_name=b"transfer", any_key=True)
    assert list(kept.take().table) == [b"a"]
    kept.partition.read(line)
    assert [dead.rejection.reason for dead in kept.take().dead] == [Reason.EMPTY_KEY]


def test_a_take_tells_only_what_has_changed() -> None:
    kept = Kept().read(*LARGE).take()
    outputs = kept.partition.take()
    assert (outputs.changed, outputs.emitted, outputs.dead) == ({}, [], [])
    duplicate = kept.partition
    duplicate.read(record(LARGE[1]))
    assert duplicate.take().changed == {}, "an account that was only looked at is written"


def test_an_account_that_came_and_went_between_two_takes_is_not_written() -> None:
    kept = Kept()
    kept.partition.read(record(out("x", at(0), 1)))
    kept.tick(when(0)).tick(when(1) + 1)
    assert kept.partition.take().changed == {}


def test_an_account_that_goes_is_a_deletion() -> None:
    kept = Kept().read(out("x", at(0), 1)).take()
    kept.tick(when(1) + 1)
    assert kept.partition.take().changed == {b"a": None}


def test_what_was_taken_does_not_change_afterwards() -> None:
    kept = Kept().read(*LARGE)
    outputs = kept.partition.take()
    before = encode_row(outputs.row)
    kept.read(out("y", at(2), 1), Line("payday.journal.v1", b"a", b"{"))
    assert encode_row(outputs.row) == before


def test_the_row_given_is_left_alone() -> None:
    kept = Kept().read(*LARGE)
    row = kept.partition.row
    again = type(kept.partition)(SHIPPED, {}, row)
    again.read(record(LARGE[0]))
    assert row.books.read == 2


def test_a_dead_record_is_named_by_its_place_since_the_last_take() -> None:
    bad = Line("payday.journal.v1", b"a", b"{")
    kept = Kept().read(LARGE[0], bad, LARGE[1], bad).take().read(bad, LARGE[0], bad).take()
    assert [dead.place for dead in kept.dead] == [1, 3, 0, 2]


def test_a_dead_record_is_named_by_its_place_after_a_restart_too() -> None:
    bad = Line("payday.journal.v1", b"a", b"{")
    kept = Kept().read(*LARGE).restart().read(LARGE[0], bad).take()
    assert [dead.place for dead in kept.dead] == [1]


def test_what_is_refused_leaves_no_account_behind() -> None:
    kept = Kept().read(tick(at(9)), out("x", at(0), 1), out("y", at(20), 1))
    assert kept.partition.row.books.dead == {Reason.TOO_LATE: 1, Reason.FUTURE_TIMESTAMP: 1}
    assert kept.accounts == {}


def test_a_task_event_leaves_no_account_behind() -> None:
    kept = Kept().read(TASK_EVENT)
    assert kept.partition.row.books.applied == 1
    assert kept.accounts == {}


def test_the_backlog_is_rebuilt_from_the_stored_bytes() -> None:
    kept = Kept().read(*LARGE)
    kept.partition.advance(when(8, 0) + 24 * HOUR + MINUTE)
    assert kept.partition.backlog == 1
    assert kept.restart().partition.backlog == 1
    kept.partition.work(1)
    assert [fact.fact for fact in kept.take().facts] == ["account_cycle", "curve_point", "outflow"]


def test_the_fence_is_moved_by_a_take_that_names_it_and_by_nothing_else() -> None:
    kept = Kept().read(*LARGE)
    assert kept.partition.take(7).row.position == 7
    assert kept.read(out("y", at(2), 1)).partition.take().row.position == 7, (
        "a take without it moved the fence"
    )


def test_looking_at_the_row_changes_nothing() -> None:
    kept = Kept().read(*LARGE)
    row = kept.partition.row
    row.books.note_dead(Reason.INVALID)
    assert kept.partition.row == kept.partition.row
    assert kept.partition.row.books.dead == {}, "the row shares its books with whoever looked at it"


def test_all_that_is_published_comes_out_in_one_list_each_with_its_topic_and_key() -> None:
    kept = Kept()
    kept.partition.read_all([record(line) for line in LARGE])
    kept.partition.advance(when(60))
    kept.partition.work(1)
    found = [(one.topic, one.key, one.counted_as) for one in kept.partition.take().emitted]
    assert found == [
        ("payday.interventions.v1", b"a", "outflow_alert"),
        *(
            ("payday.facts.v1", b"a", kind)
            for kind in ("account_cycle", "curve_point", "outflow", "curve_point")
        ),
        ("payday.groups.v1", b"employer:e1", "paid"),
        ("payday.groups.v1", b"employer:e1", "closed"),
        ("payday.groups.v1", None, "watermark"),
    ], "what the groups are told comes after it, and the watermark last"
