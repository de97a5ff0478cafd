"""The contract of every kind of task (K13). A new kind joins by its story."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.tasks import Task
from schemas.topics import INTERVENTIONS
from streams.accounting.cycle_facts import deterministic_id
from streams.intervention import gate
from streams.intervention.kinds import KINDS
from streams.landing.landed import Incoming
from streams.landing.rows import COLUMNS, rows_of
from tests.reference.lines import at, tick
from tests.streams.builders import Kept, Values, quick, record, rules, when
from tests.streams.intervention.kinds.stories import STORIES, Story

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
every_kind = pytest.mark.parametrize("kind", KINDS)
every_end = pytest.mark.parametrize(
    ("kind", "ended_by"), [(kind, end) for kind, story in STORIES.items() for end in story.ended]
)


def tasks_of(kind: str, *lines: Values, **bank: str) -> list[Task]:
    """The versions of this kind that lines give rise to, with no clock: everything is pending."""
    kept = Kept(rules(bank=bank)).read(*lines).take()
    return [task for task in kept.tasks if task.kind == kind]


def ending(story: Story) -> list[Values]:
    """The last way in which the story ends."""
    return list(story.ended.values())[-1]


def whole(story: Story) -> list[Values]:
    """The story from beginning to end."""
    return [*story.raised, *ending(story), *([] if story.again is None else [story.again])]


def last(tasks: list[Task]) -> dict[str, tuple[str, set[tuple[str, str]]]]:
    """What stands in the end, by task: the status and the reasons."""
    return {
        task.task_id: (task.status, {(reason.rule, reason.event_id) for reason in task.reasons})
        for task in tasks
    }


def test_every_kind_has_a_story() -> None:
    assert STORIES.keys() == KINDS.keys(), "tests/streams/intervention/kinds/stories.py"


@every_kind
def test_a_kind_is_called_like_its_module(kind: str) -> None:
    assert KINDS[kind].name == kind


@every_kind
def test_its_id_is_that_of_subject_about_and_kind(kind: str) -> None:
    for task in tasks_of(kind, *STORIES[kind].raised):
        assert task.task_id == deterministic_id(task.subject, task.cycle_payday, kind)
        assert task.subject == task.account_id


@every_end
def test_versions_go_on_without_gaps_until_it_ends(kind: str, ended_by: str) -> None:
    story = STORIES[kind]
    tasks = tasks_of(kind, *story.raised, *story.ended[ended_by])
    of_first = [task for task in tasks if task.task_id == tasks[0].task_id]
    assert [task.version for task in of_first] == list(range(1, len(of_first) + 1))
    assert [task.status for task in of_first] == ["open"] * (len(of_first) - 1) + ["superseded"]
    assert of_first[-1].ended_by == ended_by


@every_kind
def test_one_that_was_superseded_goes_on_with_its_versions(kind: str) -> None:
    story = STORIES[kind]
    if story.again is None:
        pytest.skip("nothing opens it again")
    *before, ended, again = tasks_of(kind, *whole(story))
    assert (ended.status, again.status) == ("superseded", "open")
    assert (again.task_id, again.version) == (before[0].task_id, ended.version + 1)


@every_kind
def test_any_arrival_order_ends_in_the_same_task(kind: str) -> None:
    raised = STORIES[kind].raised
    expected = last(tasks_of(kind, *raised))
    assert expected, "the story raises nothing"
    for order in permutations(raised):
        assert last(tasks_of(kind, *order)) == expected, [line["value"].get("event_id") for line in order]


@every_kind
def test_one_event_gives_one_version_at_most(kind: str) -> None:
    story = STORIES[kind]
    kept = Kept()
    for line in whole(story):
        before = len(kept.take().tasks)
        told = [task.task_id for task in kept.read(line).take().tasks[before:]]
        assert len(told) == len(set(told)), f"{line['value']['event_id']} gave several versions"


@every_kind
@quick
@given(data=st.data())
def test_where_it_is_cut_and_restarted_changes_nothing(kind: str, data: st.DataObject) -> None:
    story = STORIES[kind]
    lines = data.draw(st.permutations(whole(story)))
    at_once = Kept().read(*lines).take()
    cut = Kept()
    for line in lines:
        cut.read(line)
        data.draw(st.sampled_from([cut.take, cut.restart, lambda: None]), label="then")()
    assert cut.outcome == at_once.outcome
    together = Kept().read_together([record(line) for line in lines])
    assert together.outcome == at_once.outcome


@every_kind
def test_folding_in_between_changes_nothing(kind: str) -> None:
    by_nine, later = STORIES[kind].raised[:2], STORIES[kind].raised[2:]
    folded = tasks_of(kind, *by_nine, tick(at(1, 9, 30)), *later)
    assert folded == tasks_of(kind, *by_nine, *later)


@every_kind
def test_what_the_gate_refuses_leaves_no_trace(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "refusal", lambda task: "refused" if task.kind == kind else None)
    kept = Kept().read(*STORIES[kind].raised).take()
    assert [task for task in kept.tasks if task.kind == kind] == []
    assert [task for task in kept.accounts["a"].alerts if task.kind == kind] == []


@every_kind
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_version_has_a_sentence_that_names_the_account_and_nobody_else(
    kind: str, language: str
) -> None:
    story = STORIES[kind]
    tasks = tasks_of(kind, *whole(story), language=language)
    for task in tasks:
        said = task.sentence or ""
        assert said.endswith("。" if language == "zh" else "."), said
        assert ("账户a" if language == "zh" else "Account a") in said
        assert task.employer_id not in said.replace("reversed", ""), "names the employer"
    told = {(task.task_id, task.sentence) for task in tasks}
    assert len(told) == len(tasks), "two versions of a task say the same"


@every_kind
def test_every_version_lands_in_one_row(kind: str) -> None:
    story = STORIES[kind]
    for task in tasks_of(kind, *story.raised, *ending(story)):
        (row,) = rows_of(INTERVENTIONS, Incoming(task.model_dump_json().encode(), 0, 7, 0))
        values = dict(zip(COLUMNS["task"], row.values, strict=True))
        assert row.table == "task"
        assert (values["kind"], values["subject"], values["sentence"]) == (kind, task.subject, task.sentence)


@every_kind
def test_it_is_over_some_time_after_its_events(kind: str) -> None:
    kept = Kept().read(*STORIES[kind].raised).tick(when(40)).tick(when(80)).take()
    assert kept.accounts["a"].alerts == [], "a task of an account without a cycle is kept for ever"


@every_kind
def test_the_whole_task_is_as_documented(kind: str) -> None:
    file = SNAPSHOTS / f"{kind}.json"
    story = STORIES[kind]
    tasks = tasks_of(kind, *whole(story))
    found: list[dict[str, Any]] = [json.loads(task.model_dump_json()) for task in tasks]
    assert found == json.loads(file.read_text()), f"if that is wanted, write it anew: {file.name}"
