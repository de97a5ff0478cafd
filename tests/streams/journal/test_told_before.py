"""What is taken back was said: an account remembers what it has told its employers' groups (A1, B2)."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from schemas.instant import DAY, format_instant
from schemas.playbook import Playbook
from streams.state.envelope import framed, parts_in
from streams.state.keys import is_account
from streams.state.parts import EMPLOYERS, TOLD
from tests.reference.lines import at, credit, out, tick
from tests.streams.builders import Kept, cycles, when
from tests.streams.journals import journals, playbook_line
from tests.streams.told import Word, changed, paid, several, words

examined = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def test_what_is_taken_back_was_said_though_a_playbook_has_changed_it_unseen() -> None:
    kept = Kept().read(credit("p", at(0, 9), 1_000), credit("q", at(1, 9), 10))
    assert paid(kept)[-1] == ("e1", "2026-01-05", "2026-01-05", None), "the second joins"
    kept.read(playbook_line(book(merge_days=1), at(-9)))
    assert len(words(kept)) == 2, "nothing is told of an account of which nothing was read"
    kept.read(credit("r", at(1, 10), 5))
    assert [(one["was"], one["now"], one["previous"]) for one in words(kept)[2:]] == [
        (on("2026-01-05", 1_010), on("2026-01-05", 1_000), None),
        (None, on("2026-01-06", 15), "2026-01-05"),
    ]


def test_what_a_playbook_has_changed_unseen_is_told_once_it_is_final() -> None:
    kept = Kept().read(credit("p", at(0, 9), 1_000), credit("q", at(1, 9), 10))
    kept.read(playbook_line(book(merge_days=1), at(-9)), tick(at(2, 8))).restart()
    assert len(words(kept)) == 2, "the second credit is not folded yet"
    kept.read(tick(at(2, 10))).restart().tick(when(60))
    told = [one for one in words(kept)[2:] if one["type"] == "paid"]
    assert [(one["was"], one["now"], one["previous"]) for one in told] == [
        (None, on("2026-01-06", 10), "2026-01-05"),
        (on("2026-01-05", 1_010), on("2026-01-05", 1_000), None),
    ]
    assert {one["at"] for one in told} == {format_instant(when(2, 9))}, "as of the deadline"


def older(kept: Kept) -> Kept:
    """Everything stored as by a version that told the groups nothing."""
    kept.take()
    for key in list(kept.table):
        if is_account(key):
            value = kept.table[key]
            parts = [part for part in parts_in(value, 9) if part[0] not in (EMPLOYERS, TOLD)]
            kept.table[key] = value[:9] + b"".join(framed(*part) for part in parts)
    kept.told.clear()
    return kept.restart()


def test_an_account_of_a_version_that_told_nothing_takes_nothing_back() -> None:
    kept = older(Kept().read(tick(at(0, 9)), credit("p", at(0, 9), 1_000), tick(at(2, 8))))
    kept.read(credit("q", at(2, 8), 10))
    assert [(one["was"], one["now"]) for one in words(kept)] == [(None, on("2026-01-05", 1_010))]


@pytest.mark.parametrize("hours", [5, 100])
def test_an_account_of_a_version_that_told_nothing_tells_of_its_open_cycle(hours: int) -> None:
    kept = Kept().read(tick(at(0, 9)), credit("p", at(0, 9), 1_000), out("x", at(0, 12), 1))
    older(kept.read(tick(at(0, 9 + hours))))
    kept.tick(when(60))
    told = [one for one in words(kept) if one["type"] == "paid"]
    assert [(one["was"], one["now"]) for one in told] == [(None, on("2026-01-05", 1_000))], (
        "once, and not before"
    )
    assert [one["count"] for one in words(kept) if one["type"] == "closed"] == [1]


def on(payday: str, amount: int) -> Word:
    return {"payday": payday, "amount": amount}


def book(**accounting: int) -> Word:
    return Playbook.model_validate({"version": 2, "accounting": accounting}).model_dump(mode="json")


@examined
@given(journals() | several().flatmap(changed))
def test_what_was_is_what_was_said_before_whatever_playbooks_come(journal: Any) -> None:
    for name in {line.key for line in journal["lines"]} - {None}:
        kept, standing = Kept(journal["by"], ticking=journal["ticking"]), Counter[Any]()
        own = [line for line in journal["lines"] if line.key in (name, None)]
        for line in own:
            _note(standing, kept.read(line))
            assert set(standing.values()) <= {0, 1}, (
                "what was not said is taken back, or something is said twice"
            )
        _note(standing, kept.tick((kept.partition.clock or when(60)) + 150 * DAY))
        assert set(standing.values()) <= {0, 1}
        if not any(b'"reverses": "c' in line.value for line in own):
            _assert_final(kept, standing)


def _assert_final(kept: Kept, standing: Counter[Any]) -> None:
    # Where no credit was undone, whoever was paid has a cycle that has closed.
    closed = {(one["employer_id"], one["cycle_payday"]) for one in cycles(kept.facts)}
    assert {about[:2] for about in +standing} == closed, "what a playbook has changed was never told"


def _note(standing: Counter[Any], kept: Kept) -> None:
    for one in words(kept):
        if one["type"] == "paid":
            for place, sign in (("was", -1), ("now", 1)):
                if (day := one[place]) is not None:
                    standing[one["employer_id"], day["payday"], day["amount"], one["previous"]] += sign
    kept.told.clear()
