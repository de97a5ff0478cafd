"""Playbooks that come through the log: when they hold, for what, and what is refused (A5, A6, B1, B2, B4, P8)."""

from typing import Any

import msgspec
import pytest

from schemas.dead import Reason
from schemas.instant import HOUR, format_instant
from streams.journal.control import KEPT_FOR, PLAYBOOKS, ControlFormatError, in_force_of
from tests.reference.lines import at, credit, move, out, tick
from tests.streams.builders import LARGE, SHIPPED, Kept, Values, cycles, file_of, record, rules, when
from tests.streams.journals import calendar_line, playbook_line


def book(version: int = 2, **parts: dict[str, Any]) -> dict[str, Any]:
    """The shipped playbook, whole, with other numbers."""
    whole = SHIPPED.book.model_dump(mode="json") | {"version": version}
    return whole | {name: whole[name] | changed for name, changed in parts.items()}


def change(since: int, version: int = 2, **parts: dict[str, Any]) -> Values:
    return playbook_line(book(version, **parts), format_instant(since))


def held(kept: Kept, *instants: int) -> list[int]:
    """The version that holds at each instant, by what is stored."""
    in_force = in_force_of(kept.take().table, SHIPPED.book)
    return [in_force.at(instant).playbook.version for instant in instants]


def test_a_playbook_holds_from_its_instant_on() -> None:
    kept = Kept().read(tick(at(0)), change(when(0)), change(when(5), 3))
    assert held(kept, when(5) - 1, when(5)) == [2, 3]


def test_one_that_is_read_late_holds_from_the_clock_at_its_reading() -> None:
    kept = Kept().read(tick(at(0)), change(when(0)), tick(at(7)), change(when(5), 3))
    assert held(kept, when(7) - 1, when(7)) == [2, 3]


def test_of_two_still_ahead_the_one_read_last_cancels_the_other() -> None:
    kept = Kept().read(tick(at(0)), change(when(0)), change(when(5), 3), change(when(9), 4))
    assert held(kept, when(6), when(9)) == [2, 4], "version 3 was cancelled before it held"


def test_the_first_one_of_a_partition_without_a_clock_holds_from_its_beginning() -> None:
    kept = Kept().read(change(when(50)))
    assert held(kept, when(-900), when(900)) == [2, 2]


def test_the_first_one_holds_over_older_state_from_the_clock_on() -> None:
    kept = Kept().read(tick(at(3)), change(when(50)))
    assert held(kept, when(3) - 1, when(3)) == [1, 2]


def test_a_cycle_goes_by_the_playbook_of_its_opening_credit_until_it_ends() -> None:
    kept = Kept().read(change(when(0)), change(when(2), 3, accounting={"window_days": 2}))
    kept.read(credit("p", at(1), 1_000_000), credit("q", at(20), 1_000_000)).tick(when(60))
    told = [(fact["playbook"]["version"], len(fact["retained"])) for fact in cycles(kept.take().facts)]
    assert told == [(2, 8), (3, 3)], "each cycle closes by the window of its own version"


@pytest.mark.timeout(60)
def test_a_first_playbook_with_a_shorter_window_closes_what_was_folded_beyond_it() -> None:
    few = rules(accounting={"pending_limit": 1})
    folded = [out(f"o{day}", at(day), 10) for day in range(1, 7)]
    kept = Kept(few).read(
        credit("p", at(0), 1_000_000), *folded
    )  # no clock yet: folded because too many wait
    shorter = change(when(50), accounting={"window_days": 2, "pending_limit": 1})
    kept.read(shorter, out("more", at(5, 13), 10)).tick(when(60))
    [closed] = cycles(kept.take().facts)
    assert closed["class"] == "loyal", "the day that was passed over is made up, and no deadline stands still"


def test_whether_a_credit_joins_is_the_open_cycle_s_version() -> None:
    later = change(when(1, 18), 3, accounting={"merge_days": 1})
    kept = Kept().read(change(when(0)), later, credit("p", at(1), 1_000), credit("q", at(3), 1_000))
    kept.tick(when(60))
    assert [fact["pay"] for fact in cycles(kept.take().facts)] == [2_000]


def test_everything_else_goes_by_what_is_in_force_when_the_event_is_read() -> None:
    kept = Kept().read(change(when(0)), change(when(1), 3, alert={"priority": 7}))
    kept.read(LARGE[0], LARGE[1], tick(at(1)))
    other = [line | {"key": "b", "value": line["value"] | {"account_id": "b"}} for line in LARGE[:2]]
    tasks = kept.read(*other).take().tasks
    assert [(task.account_id, task.priority, task.playbook.version) for task in tasks] == [
        ("a", 80, 2),
        ("b", 7, 3),
    ]


def test_a_task_goes_by_the_playbook_of_its_opening_until_it_ends() -> None:
    later = change(when(1, 18), 3, alert={"priority": 7, "first_contact_hours": 1}, bank={"language": "en"})
    kept = Kept().read(change(when(0)), later, *LARGE, tick(at(2)), out("y", at(2), 400_000)).restart()
    back = [move(f"{name}-b", at(2), 1, "in", "transfer", reverses=name) for name in ("x", "y")]
    kept.read(*back, out("z", at(2), 900_000)).take()
    assert [(task.status, task.playbook.version, task.priority) for task in kept.tasks] == [
        ("open", 2, 80),
        ("open", 2, 80),
        ("superseded", 2, 80),
        ("open", 3, 7),
    ], "what opens again is opened anew"
    opened, second, *_ = kept.tasks
    assert (second.first_contact_due, second.expires_at) == (opened.first_contact_due, opened.expires_at)
    assert "账户" in str(second.sentence)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"bank": {"code": "ANOTHER"}}, "playbook.bank.code"),
        ({"bank": {"timezone": "UTC"}}, "playbook.bank.timezone"),
        ({"accounting": {"allowed_lateness_hours": 1}}, "playbook.accounting.allowed_lateness_hours"),
        ({"accounting": {"merge_days": 0}}, "playbook.accounting.merge_days"),
        ({"habit": {"unknown": 1}}, "playbook.habit"),
    ],
)
def test_what_cannot_change_or_is_invalid_is_refused_and_changes_nothing(parts: Any, field: str) -> None:
    kept = Kept().read(tick(at(0)), change(when(0)), change(when(0), 3, **parts)).take()
    assert held(kept, when(900)) == [2]
    [dead] = kept.dead
    assert (dead.rejection.reason, dead.rejection.detail.split(":")[0]) == (Reason.INVALID, field)


@pytest.mark.parametrize("missing", ["flags", "flags.min_amount"])
def test_a_playbook_that_is_not_whole_is_refused(missing: str) -> None:
    whole, (part, _, name) = book(), missing.partition(".")
    if name:
        del whole[part][name]
    else:
        del whole[part]
    kept = Kept().read(playbook_line(whole, at(0))).take()
    assert kept.dead[0].rejection.detail == f"playbook.{missing}: is missing; a playbook is published whole"


def test_a_form_newer_than_is_known_stops_the_worker() -> None:
    with pytest.raises(ControlFormatError, match="schema 2 was published"):
        Kept().read(playbook_line(book(), at(0), schema=2))


def test_the_row_is_written_when_it_changes_and_never_with_the_rest() -> None:
    kept = Kept().read(tick(at(0)), change(when(0)))
    assert PLAYBOOKS in kept.partition.take().changed
    kept.read(*LARGE, tick(at(1)))
    assert PLAYBOOKS not in kept.partition.take().changed


def test_a_playbook_is_kept_as_long_as_an_account_may_name_it() -> None:
    kept = Kept().read(tick(at(0)), change(when(0)), change(when(1), 3), tick(at(1)))
    kept.tick(when(1) + KEPT_FOR).read(change(when(1), 4))
    assert held(kept, when(0)) == [3], "version 2 was replaced so long ago that nothing names it"
    kept = Kept().read(tick(at(0)), change(when(0)), change(when(1), 3), tick(at(1)))
    kept.tick(when(1) + KEPT_FOR - HOUR).read(change(when(1), 4))
    assert held(kept, when(0)) == [2]


def test_no_record_reaches_a_control_row_by_its_key() -> None:
    kept = Kept().read(tick(at(0)), change(when(0))).take()
    line = record(LARGE[0])
    line.key = PLAYBOOKS
    kept.read_together([line]).take()
    assert [dead.rejection.reason for dead in kept.dead] == [Reason.KEY_MISMATCH]
    assert held(kept, when(0)) == [2]


def test_a_backtest_of_the_log_decides_as_the_worker_did() -> None:
    lines = [change(when(0)), *LARGE, change(when(2), 3, flags={"single_share": "0.01"})]
    lines += [
        tick(at(2)),
        tick(at(9)),
        credit("q", at(9), 1_000_000),
        tick(at(10)),
        out("r", at(10), 200_000),
        tick(at(70)),
    ]
    live, result = Kept().read(*lines).restart().take(), file_of(*lines)
    assert [fact.to_json() for fact in result.facts] == [fact.to_json() for fact in live.facts]
    assert [task.version for task in result.tasks] == [task.version for task in live.tasks]
    assert len(result.tasks) == 2, "the second one is flagged by version 3 alone"
    assert all(not key.startswith(b"\0") for key in result.accounts), "a control row is no account"


@pytest.mark.parametrize("clock", [[], [tick(at(0))]])
def test_the_same_playbook_once_more_changes_nothing_whether_it_holds_or_is_ahead(
    clock: list[Values],
) -> None:
    first, ahead = change(when(-1)), change(when(9), 3)
    once = Kept().read(*clock, first, ahead).restart()
    again = Kept().read(*clock, first, first, ahead, ahead, first).restart()
    assert again.table == once.table
    assert [fact.to_json() for fact in again.facts] == [fact.to_json() for fact in once.facts]
    assert again.partition.row.books.duplicate == 3
    assert not again.dead


def test_the_same_playbook_from_another_instant_is_another_one() -> None:
    kept = Kept().read(tick(at(0)), change(when(0)), change(when(9), 3), change(when(5), 3))
    assert held(kept, when(5) - 1, when(5)) == [2, 3]


def test_one_that_was_cancelled_or_replaced_may_come_again() -> None:
    kept = Kept().read(
        tick(at(0)), change(when(0)), change(when(5), 3), change(when(6), 4), change(when(5), 3)
    )
    assert held(kept, when(5), when(6)) == [3, 3]
    kept.tick(when(7)).read(change(when(8), 2), tick(at(9)), change(when(8), 3))
    assert held(kept, when(9)) == [3]


def test_a_row_of_format_1_is_read_and_knows_its_playbooks_again() -> None:
    kept = Kept().read(tick(at(0)), change(when(0)), change(when(5), 3)).take()
    editions = [one[:3] for one in msgspec.msgpack.decode(kept.table[PLAYBOOKS])[1]]
    kept.table[PLAYBOOKS] = msgspec.msgpack.encode((1, editions))
    kept.restart().read(change(when(5), 3))
    assert kept.partition.row.books.duplicate == 1
    assert held(kept, when(4), when(5)) == [2, 3]


def test_the_same_calendar_once_more_changes_nothing_and_other_days_need_another_version() -> None:
    other = calendar_line(1)
    other["value"]["rest_days"] = ["2026-01-07"]
    kept = Kept().read(calendar_line(1), tick(at(5)), calendar_line(1), other).take()
    assert kept.partition.row.books.duplicate == 1
    assert [dead.rejection.detail.split(":")[0] for dead in kept.dead] == ["calendar.version"]
    assert len(in_force_of(kept.table, SHIPPED.book).calendars) == 1


def test_a_calendar_holds_from_the_clock_at_its_reading_and_leaves_the_playbooks_alone() -> None:
    kept = (
        Kept().read(calendar_line(1), tick(at(0)), change(when(0)), tick(at(5)), calendar_line(2)).restart()
    )
    in_force = in_force_of(kept.table, SHIPPED.book)
    found = [in_force.calendar_at(instant) for instant in (when(-900), when(5) - 1, when(5))]
    assert [one and one.version for one in found] == [1, 1, 2]
    assert held(kept, when(0), when(5)) == [2, 2]


def test_without_a_calendar_none_is_in_force() -> None:
    assert in_force_of({}, SHIPPED.book).calendar_at(when(0)) is None
