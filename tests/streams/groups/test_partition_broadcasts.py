"""A partition of the groups log and what is broadcast to both logs: in force by instant (A5, A6, B1)."""

import json

from schemas.dead import Reason
from streams.journal.control import CALENDARS, PLAYBOOKS
from streams.journal.eventsfile import Line
from tests.schemas.broadcasts import CALENDAR
from tests.streams.groups.builders import Kept, local, paid, playbook, rules, watermark


def test_a_playbook_holds_for_the_decisions_due_from_its_instant_on_however_late_they_are_made() -> None:
    kept = Kept(rules(merge_days=3))
    before, six = local("2026-03-05 03:30"), local("2026-03-06 06:00")
    kept.read_only(playbook(1, before), watermark(local("2026-03-05 03:00")))
    kept.read_only(playbook(2, local("2026-03-06 00:00"), merge_days=1))
    kept.read_only(paid(before, "2026-03-04"), paid(before, "2026-03-05"))
    kept.read(watermark(local("2026-03-06 05:00")), paid(six, "2026-03-06", employer="f"))
    kept.read(watermark(local("2026-03-07 05:00")))
    said = [(fact["payday"], fact["heads"], fact["playbook"]["version"]) for fact in kept.facts]
    assert said == [("2026-03-04", 2, 1), ("2026-03-06", 1, 2)], "two days apart join by version 1"


def test_a_broadcast_is_counted_and_kept_as_a_control_row_and_the_same_once_more_is_a_duplicate() -> None:
    kept, change = Kept(), playbook(2, local("2026-03-06 00:00"))
    kept.read(change, change, CALENDAR).take()
    assert (kept.partition.row.books.applied, kept.partition.row.books.duplicate) == (2, 1)
    assert {PLAYBOOKS, CALENDARS} <= kept.table.keys()
    assert kept.restart().partition.rules.playbook.version == 2


def test_a_playbook_that_is_refused_is_a_dead_letter_and_changes_nothing() -> None:
    kept = Kept().read(playbook(2, local("2026-03-06 00:00")), watermark(local("2026-03-05 03:00")))
    kept.read(playbook(3, local("2026-03-06 00:00"), zone="Europe/Prague")).take()
    [dead] = kept.dead
    assert dead.rejection.reason == Reason.INVALID
    assert kept.partition.rules.playbook.version == 2


def test_a_broadcast_with_a_key_is_refused() -> None:
    value = json.dumps(CALENDAR).encode()
    kept = Kept().read(Line("payday.groups.v1", b"employer:e", value)).take()
    assert [one.rejection.reason for one in kept.dead] == [Reason.KEY_MISMATCH]


def test_the_first_playbook_holds_for_what_stands_before_it_in_this_log_too() -> None:
    own = playbook(2, local("2026-03-01 00:00"), merge_days=1)
    told = [paid(local("2026-03-05 10:00"), "2026-03-04"), paid(local("2026-03-05 10:00"), "2026-03-05")]
    log = [*told, watermark(local("2026-03-06 05:00")), own]
    kept = Kept(rules(merge_days=9), ahead=log).read(*log).take()
    assert {fact["playbook"]["version"] for fact in kept.facts} == {2}, "the worker's own file has decided"
    books = kept.partition.row.books
    assert (books.read, books.applied, books.duplicate) == (4, 4, 0)


def test_a_playbook_with_a_key_is_refused_and_not_the_first() -> None:
    own = playbook(2, local("2026-03-01 00:00"))
    keyed = Line("payday.groups.v1", b"employer:e", json.dumps(own).encode())
    assert not Kept().partition.foresee(keyed)
    assert Kept().partition.foresee(Line("payday.groups.v1", b"", json.dumps(own).encode()))


def test_a_zone_that_a_foreseen_playbook_brings_moves_what_waits_already() -> None:
    first = Kept(rules("Europe/Prague")).read(paid(local("2026-03-05 10:00"), "2026-03-05")).take()
    own = playbook(2, local("2026-03-01 00:00"))
    upgraded = Kept(rules("Europe/Prague"), ahead=[own])
    upgraded.table.update(first.table)
    upgraded.go_on(first.partition.row).read(watermark(local("2026-03-06 04:00:01")), own)
    assert len(upgraded.facts) == 1, "04:00 in Shanghai is over"


def test_a_zone_that_the_first_playbook_brings_moves_what_waits_already() -> None:
    kept = Kept(rules("Europe/Prague")).read(paid(local("2026-03-05 10:00"), "2026-03-05"))
    kept.read(playbook(2, local("2026-03-01 00:00")), watermark(local("2026-03-06 04:00:01")))
    assert len(kept.facts) == 1, "04:00 in Shanghai is over"
