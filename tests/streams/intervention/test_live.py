"""Before a bank goes live its tasks are facts and nothing else: history is loaded, and nobody is called (B5)."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from schemas.instant import format_instant
from streams.journal.control import LIVES, ControlFormatError
from tests.reference.lines import at, credit, move, out, tick
from tests.streams.builders import LARGE, Kept, Values, file_of, plain, when
from tests.streams.intervention.kinds.stories import STORIES
from tests.streams.journals import journals, live_line

MORE = out("y", at(2), 400_000)
"""Another flag of the cycle of ``LARGE``."""
BACK = [
    move(f"{name}-back", at(3), amount, "in", "transfer", reverses=name)
    for name, amount in (("x", 300_000), ("y", 400_000))
]
"""All that left in it comes back."""


def withheld(kept: Kept) -> list[dict[str, Any]]:
    return [plain(fact)["task"] for fact in kept.take().facts if fact.fact == "withheld"]


def versions(kept: Kept) -> tuple[list[int], list[int]]:
    """The versions that went out, and those that did not."""
    inward = [task["version"] for task in withheld(kept)]
    return [task.version for task in kept.tasks], inward


def live(instant: int) -> Values:
    return live_line(format_instant(instant))


def test_without_it_every_task_goes_out() -> None:
    assert versions(Kept().read(*LARGE, MORE)) == ([1, 2], [])


@pytest.mark.parametrize("kind", STORIES)
def test_what_is_withheld_is_what_would_have_gone_out_to_the_letter(kind: str) -> None:
    story = STORIES[kind]
    lines = [*story.raised, *(line for end in story.ended.values() for line in end)]
    open_, closed = Kept().read(*lines).take(), Kept().read(live(when(900)), *lines).take()
    assert closed.tasks == []
    assert withheld(closed) == [json.loads(task.model_dump_json()) for task in open_.tasks]


def test_a_task_that_is_created_at_the_instant_goes_out_and_one_before_it_does_not() -> None:
    created = when(1)
    assert versions(Kept().read(live(created), *LARGE)) == ([1], [])
    assert versions(Kept().read(live(created + 1), *LARGE)) == ([], [1])


def test_a_task_that_was_withheld_stays_so_for_its_life() -> None:
    lines = [
        live(when(1) + 1),
        *LARGE,
        tick(at(2)),
        MORE,
        tick(at(3)),
        *BACK,
        tick(at(4)),
        out("z", at(4), 900_000),
    ]
    assert versions(Kept().read(*lines)) == ([], [1, 2, 3, 4]), "an unknown task appeared as a later version"
    restarted = Kept()
    for line in lines:
        restarted.read(line).restart()
    assert versions(restarted) == ([], [1, 2, 3, 4])


def test_a_task_that_went_out_stays_so_for_its_life() -> None:
    kept = Kept().read(*LARGE, live(when(60)), MORE).restart().read(*BACK)
    assert versions(kept) == ([1, 2, 3], []), "a task that somebody works on fell silent"


def test_the_next_payday_s_task_goes_out() -> None:
    kept = Kept().read(live(when(20)), *LARGE, tick(at(32)), credit("q", at(31), 1_000_000))
    kept.read(out("v", at(32), 500_000))
    assert versions(kept) == ([1], [1])


def test_one_that_is_read_late_withholds_only_what_is_created_after_its_reading() -> None:
    payday = credit("p", at(0, 13), 1_000_000)
    kept = Kept().read(tick(at(1, 13)), live(when(60)), payday, LARGE[1])
    assert versions(kept) == ([1], []), "its transfer occurred before anybody spoke of going live"
    kept.read(tick(at(32)), credit("q", at(31), 1_000_000), out("v", at(32), 500_000))
    assert versions(kept) == ([1], [1])


def test_the_one_read_last_holds_and_the_same_once_more_changes_nothing() -> None:
    kept = Kept().read(live(when(60)), live(when(0)), live(when(0)), *LARGE)
    assert versions(kept) == ([1], [])
    assert kept.partition.row.books.duplicate == 1


def test_facts_are_the_same_as_without_it() -> None:
    lines = [*LARGE, MORE, tick(at(60))]
    told = [fact for fact in Kept().read(live(when(900)), *lines).take().facts if fact.fact != "withheld"]
    assert [fact.to_json() for fact in told] == [fact.to_json() for fact in Kept().read(*lines).take().facts]


def test_a_backtest_takes_it_from_the_file() -> None:
    result = file_of(live(when(20)), *LARGE)
    assert (result.tasks, [fact.fact for fact in result.facts]) == ([], ["withheld"])


def test_a_row_of_a_newer_form_stops_the_worker() -> None:
    kept = Kept().read(live(when(0))).take()
    kept.table[LIVES] = b"\x92\x02\x90"
    with pytest.raises(ControlFormatError, match="have format 2"):
        kept.restart()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(journals())
def test_a_task_is_told_to_everybody_or_to_nobody(journal: dict[str, Any]) -> None:
    kept = Kept(journal["by"], ticking=journal["ticking"]).read(*journal["lines"])
    inward = {(task["task_id"], task["version"]) for task in withheld(kept)}
    outward = {(task.task_id, task.version) for task in kept.tasks}
    for told in (inward, outward):
        for task_id, version in told:
            assert version == 1 or (task_id, version - 1) in told
