"""What the tests of what is told to the groups log share."""

import json
from typing import Any

from hypothesis import strategies as st

from schemas.groups import GROUPS
from streams.groups.rules import GroupRules
from streams.journal.eventsfile import Line
from streams.replay.look import look
from tests.reference.lines import Line as Values
from tests.streams.builders import Kept, at_account, record, rules
from tests.streams.groups.builders import Kept as Groups
from tests.streams.histories import JOURNAL, PROFILE, histories
from tests.streams.journals import changes

Word = dict[str, Any]


def words(kept: Kept) -> list[Word]:
    """All that was told but watermarks."""
    return [json.loads(one.to_json()) for one in kept.take().told if not one.to_all]


def paid(kept: Kept) -> list[tuple[Any, ...]]:
    """What was told of paydays: employer, was, now, previous."""
    return [
        (
            one["employer_id"],
            one["was"] and one["was"]["payday"],
            one["now"] and one["now"]["payday"],
            one["previous"],
        )
        for one in words(kept)
        if one["type"] == "paid"
    ]


@st.composite
def several(draw: st.DrawFn) -> tuple[list[Values], Any]:
    """The lines of several accounts, and the rules."""
    history = draw(histories())
    names = draw(st.sampled_from(["a", "ab"]))
    by = rules(
        bank={"timezone": history["timezone"], "code": history["bank_code"]},
        accounting={"pending_limit": draw(st.sampled_from([1, 4, 1_000]))},
    )
    lines = [at_account(line, draw(st.sampled_from(names))) for line in history["lines"]]
    if any(line["value"]["type"] == "profile" for line in lines):
        # It keeps an account, and with it the currency, which the reference never forgets.
        lines = [
            at_account({"topic": JOURNAL, "key": None, "value": PROFILE}, name) for name in names
        ] + lines
    return lines, by


@st.composite
def changed(draw: st.DrawFn, drawn: tuple[list[Values], Any]) -> Word:
    """A journal with playbooks in between, without a clock where nothing else tells the time."""
    lines, by = drawn
    records = [record(line) for line in lines]
    for change in draw(st.lists(changes(by.book), min_size=1, max_size=3)):
        records.insert(draw(st.integers(1, len(records))), record(change))
    return {"lines": records, "by": by, "ticking": draw(st.booleans())}


def kept_of(lines: list[Values], by: Any) -> Kept:
    return Kept(by, ticking=look([record(line) for line in lines]).ticking)


def grouped(kept: Kept, by: Any) -> Groups:
    """The coordinator's fold of all that was told."""
    return (
        Groups(GroupRules.of(by.book))
        .read(*(Line(GROUPS, one.key, one.to_json()) for one in kept.told))
        .take()
    )
