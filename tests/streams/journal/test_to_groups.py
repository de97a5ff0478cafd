"""What a journal partition tells the groups log, and what the groups make of it (A1, A4, E1)."""

from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.groups import GROUPS, Paid, Watermark, decode_group
from schemas.instant import MINUTE, format_instant
from streams.journal.row import decode_row, encode_row
from tests.reference.lines import at, credit, out, tick
from tests.reference.model import Rules
from tests.reference.told import Together
from tests.reference.told import told as reference
from tests.streams.builders import Kept, at_account, record, when
from tests.streams.told import Word, grouped, kept_of, paid, several, words

examined = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def test_a_payday_is_told_with_the_clock_it_came_at_under_the_employers_key() -> None:
    kept = Kept().read(tick(at(0, 9)), credit("p", at(0, 9), 1_000)).take()
    [told] = [one for one in kept.told if not one.to_all]
    assert (told.topic, told.key, told.addressed_to, told.counted_as) == (
        GROUPS,
        b"employer:e1",
        None,
        "paid",
    )
    read = decode_group(told.to_json())
    assert isinstance(read, Paid)
    assert read.became is not None
    assert (read.at, read.was, read.became.amount, read.previous) == (when(0, 9), None, 1_000, None)


def test_a_transfer_tells_nothing() -> None:
    kept = Kept().read(tick(at(0, 9)), credit("p", at(0, 9), 1_000)).take()
    before = len(kept.told)
    kept.read(*(out(f"x{n}", at(0, 9, 1), 100) for n in range(5))).take()
    assert len(kept.told) == before


def test_a_late_credit_moves_the_payday_and_what_was_told_is_taken_back() -> None:
    kept = Kept().read(tick(at(0, 9)), credit("p", at(0, 9), 1_000), credit("q", at(-1, 9), 10)).take()
    assert paid(kept) == [("e1", None, "2026-01-05", None), ("e1", "2026-01-05", "2026-01-04", None)]
    assert words(kept)[-1]["now"]["amount"] == 1_010


def test_a_payday_that_is_reversed_becomes_void() -> None:
    kept = Kept().read(tick(at(0, 9)), credit("p", at(0, 9), 1_000))
    kept.read(credit("r", at(0, 9, 1), 1_000, reverses="p"))
    assert paid(kept)[-1] == ("e1", "2026-01-05", None, None)


def test_the_payday_before_is_of_the_same_employer_and_survives_a_restart() -> None:
    kept = Kept()
    for n, employer in enumerate(["e1", "e2", "e1", "e1", "e3", "e4", "e1"]):
        day = 30 * n
        kept.read(tick(at(day, 9)), credit(f"p{n}", at(day, 9), 1_000, employer_id=employer)).restart()
    assert [one[3] for one in paid(kept)] == [None, None, "2026-01-05", "2026-03-06", None, None, None], (
        "the last two employers are remembered"
    )


def test_a_close_is_told_as_of_its_deadline_whenever_it_is_worked_off() -> None:
    kept = Kept().read(tick(at(0, 9)), credit("p", at(0, 9), 1_000), out("x", at(0, 9, 2), 900))
    kept.tick(when(20))
    [closed] = [one for one in words(kept) if one["type"] == "closed"]
    assert closed["at"] == format_instant(when(9, 0)), "the end of day 7, and a day of lateness"
    assert (closed["class"], closed["newly_mover"], closed["kept"], closed["pay"]) == (
        "transfer_out",
        True,
        100,
        1_000,
    )


def test_a_mover_is_new_once() -> None:
    kept = Kept()
    for n in range(3):
        day = 32 * n
        kept.read(tick(at(day, 9)), credit(f"p{n}", at(day, 9), 1_000), out(f"x{n}", at(day, 9, 1), 900))
    kept.tick(when(90))
    assert [one["newly_mover"] for one in words(kept) if one["type"] == "closed"] == [True, False, False]


@pytest.mark.parametrize(("between", "newly"), [(1, False), (2, False), (3, True)])
def test_a_mover_is_one_anew_after_three_closes_that_were_none(between: int, newly: bool) -> None:
    kept = Kept()
    for n in range(between + 2):
        day, gone = 32 * n, 900 if n in (0, between + 1) else 100
        kept.read(tick(at(day, 9)), credit(f"p{n}", at(day, 9), 1_000), out(f"x{n}", at(day, 9, 1), gone))
    kept.tick(when(200))
    closed = [one for one in words(kept) if one["type"] == "closed"]
    assert (closed[0]["newly_mover"], closed[-1]["newly_mover"]) == (True, newly)


@pytest.mark.parametrize("ahead", [0, 3, 500])
def test_without_a_clock_and_with_one_far_behind_it_is_told_as_of_the_payday(ahead: int) -> None:
    kept = Kept()
    lines = [record(credit("p", at(ahead, 9), 1_000))]
    lines[0].timestamp = when(ahead, 9) // 1_000
    if ahead:
        kept.read(tick(at(0, 9)))
    kept.read(*lines)
    [told] = words(kept)
    assert told["at"] == format_instant(when(ahead, 0))


def test_a_watermark_goes_to_every_partition_once_a_minute_and_after_what_it_covers() -> None:
    kept = Kept(number=2, partitions=4).read(tick(at(0, 9)), credit("p", at(0, 9), 1_000)).take()
    first = kept.told[-1]
    assert (first.key, first.to_all, first.topic) == (None, True, GROUPS)
    read = decode_group(first.to_json())
    assert isinstance(read, Watermark)
    assert (read.partition, read.partitions, read.instant) == (2, 4, when(0, 9))
    kept.tick(when(0, 9, 0) + MINUTE - 1).take()
    assert kept.told[-1] is first
    assert kept.restart().tick(when(0, 9, 1)).take().told[-1] is not first


def test_no_watermark_is_written_while_deadlines_wait() -> None:
    kept = Kept().read(tick(at(0, 9)), *(at_account(credit("p", at(0, 9), 1), name) for name in "abc")).take()
    kept.partition.advance(when(20))
    kept.take()
    assert kept.told[-1].to_json().count(format_instant(when(20)).encode()) == 0
    kept.partition.work(1)
    before = len(kept.take().told)
    kept.partition.work(kept.partition.backlog)
    kept.partition.work(kept.partition.backlog)
    last = decode_group(kept.take().told[-1].to_json())
    assert len(kept.told) > before
    assert isinstance(last, Watermark)
    assert (last.instant, last.closed) == (when(20), 3)


@examined
@given(several())
def test_the_groups_find_nothing_too_late_and_no_contradiction(drawn: Any) -> None:
    lines, by = drawn
    kept = kept_of(lines, by)
    for line in lines:
        kept.read(line).take()
    kept.tick(when(450)).take()
    groups = grouped(kept, by)
    assert [one.rejection for one in groups.dead] == []
    assert groups.partition.row.books.balanced


@examined
@given(several(), st.sampled_from([1, 9, 75, 450]))
def test_all_that_is_told_adds_up_to_what_the_rules_say_of_the_whole_history(drawn: Any, days: int) -> None:
    lines, by = drawn
    kept = kept_of(lines, by).read(*lines)
    until = max(kept.partition.clock or 0, when(days))
    kept.tick(until)
    expected = reference(
        lines,
        timezone=by.book.bank.timezone,
        bank_code=by.book.bank.code,
        rules=Rules(pending_limit=by.pending_limit),
        until=datetime.fromisoformat(format_instant(until)),
    )
    assert added_up(words(kept)) == expected


def added_up(told: list[Word]) -> Together:
    """What the records come to: of ``paid``, what was is taken off."""
    paid_sums: Counter[Any] = Counter()
    pays: Counter[Any] = Counter()
    closed_sums: dict[Any, list[int]] = {}
    for one in told:
        if one["type"] == "paid":
            previous = one["previous"] and date.fromisoformat(one["previous"])
            for on, sign in ((one["was"], -1), (one["now"], 1)):
                if on is not None:
                    about = (one["employer_id"], date.fromisoformat(on["payday"]), previous)
                    paid_sums[about] += sign * one["count"]
                    pays[about] += sign * on["amount"]
        else:
            payday = date.fromisoformat(one["payday"])
            about = (one["employer_id"], payday, one["class"], one["newly_mover"], one["product_count"])
            sums = closed_sums.setdefault(about, [0, 0, 0, 0])
            for place, name in enumerate(("count", "pay", "kept", "moved_out")):
                sums[place] += one[name]
    paid_of = {one: (heads, pays[one]) for one, heads in paid_sums.items() if heads or pays[one]}
    return Together(paid_of, {one: tuple(sums) for one, sums in closed_sums.items()})


def test_a_row_keeps_the_last_watermark() -> None:
    kept = Kept().read(tick(at(0, 9)), credit("p", at(0, 9), 1_000)).take()
    row = kept.partition.row
    assert row.watermark is not None
    assert row.watermark.last == when(0, 9)
    assert decode_row(encode_row(row)) == row
    assert Kept().partition.row.watermark is None
