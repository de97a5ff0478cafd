"""Generated journals: what the tests of partition and pipeline read, in every order, cut and restart."""

from typing import Any

from hypothesis import strategies as st

from schemas.answers import EmployerAnswer
from schemas.instant import HOUR, format_instant
from schemas.playbook import Playbook, PlaybookRef
from streams.journal.eventsfile import Line
from tests.reference.lines import at, credit, move, to
from tests.schemas.broadcasts import CALENDAR
from tests.streams.builders import Values, at_account, record, rules, when
from tests.streams.histories import JOURNAL, PROFILE, histories

DAY = 1440
instants = st.builds(
    lambda day, hour: format_instant(when(day, hour)),
    st.sampled_from([-9, 0, 1, 2, 5, 8, 9, 30, 40]),
    st.integers(0, 23),
)
"""From when on a broadcast may be said to hold."""


@st.composite
def journals(draw: st.DrawFn) -> dict[str, Any]:
    """The lines of several accounts, the rules, and whether ticks move the clock."""
    history = draw(histories())
    names = draw(st.sampled_from(["a", "ab", "abc"]))
    lines = [at_account(line, draw(st.sampled_from(names))) for line in history["lines"]]
    for segment in draw(st.lists(st.sampled_from(["s1", "s2"]), max_size=2)):
        profile = {"topic": JOURNAL, "key": "a", "value": PROFILE | {"segment": segment}}
        place = draw(st.integers(0, len(lines)))
        lines.insert(place, at_account(profile, draw(st.sampled_from(names))))
    by = rules(
        bank={"timezone": history["timezone"], "code": history["bank_code"]},
        accounting={"pending_limit": draw(st.sampled_from([1, 2, 4, 1_000, 1_000]))},
    )
    broadcasts = (
        changes(by.book)
        | st.builds(calendar_line, st.integers(1, 9))
        | st.builds(live_line, instants)
        | answers()
    )
    for change in draw(st.lists(broadcasts, max_size=4)):
        lines.insert(draw(st.integers(0, len(lines))), change)
    return {
        "lines": [record(line) for line in lines],
        "by": by,
        "ticking": any(line["value"]["type"] == "tick" for line in lines),
    }


@st.composite
def changes(draw: st.DrawFn, book: Playbook) -> Values:
    """A playbook that is published: other numbers from some instant on, or one that is refused."""
    whole = book.model_dump(mode="json")
    whole["version"] = draw(st.integers(2, 99))
    whole["accounting"] |= {
        "merge_days": draw(st.sampled_from([1, 3, 9])),
        "window_days": draw(st.sampled_from([0, 2, 7, 9])),
        "curve_days": draw(st.sampled_from([28, 31, 40])),
        "pending_limit": draw(st.sampled_from([1, 3, 1_000])),
    }
    whole["flags"]["single_share"] = draw(st.sampled_from(["0.1", "0.3", "0.9"]))
    whole["alert"]["priority"] = draw(st.integers(0, 100))
    if draw(st.integers(0, 5)) == 0:
        whole["bank"]["code"] = "ANOTHER"
    return playbook_line(whole, draw(instants))


def live_line(instant: str) -> Values:
    """An instant of going live on the journal."""
    return {"topic": JOURNAL, "key": None, "value": {"type": "live", "from": instant}}


@st.composite
def answers(draw: st.DrawFn) -> Values:
    """What the coordinator answers of an employer."""
    said = when(draw(st.sampled_from([0, 1, 9, 200])), 4)
    answer = EmployerAnswer(
        employer_id=draw(st.sampled_from(["e", "f"])),
        at=said,
        holds_from=said + 5 * HOUR,
        head_count=draw(st.integers(2, 9)),
        gone=draw(st.booleans()),
        playbook=PlaybookRef(name="default", version=1),
    )
    return {"topic": JOURNAL, "key": None, "value": answer.model_dump(mode="json", by_alias=True)}


def calendar_line(version: int) -> Values:
    """A calendar on the journal."""
    return {"topic": JOURNAL, "key": None, "value": CALENDAR | {"version": version}}


def playbook_line(whole: dict[str, Any], instant: str, schema: int = 1) -> Values:
    """A playbook on the journal, in force from an instant on."""
    value = {"type": "playbook", "schema": schema, "from": instant, "playbook": whole}
    return {"topic": JOURNAL, "key": None, "value": value}


kinds = st.sampled_from(["transfer", "transfer", "consumption", "cash", "investment", "interest"])
amounts = st.sampled_from([1, 100_000, 250_000, 333_333, 500_000, 1_000_000])


@st.composite
def happenings(draw: st.DrawFn) -> list[tuple[int, Values]]:
    """What happened on one account: (minute after the first midnight, line), distinct event_ids."""
    happened: list[tuple[int, Values]] = []
    for n in range(draw(st.integers(1, 14))):
        day = draw(st.sampled_from([0, 0, 1, 2, 3, 4, 7, 8, 9, 30, 31, 35]))
        minute = day * DAY + draw(st.sampled_from([0, 1, 540, 541, 1439]))
        name = draw(st.sampled_from(["", "é", "\U0001f600"])) + str(n)
        more: dict[str, Any] = {"reverses": draw(st.sampled_from([None, None, None, "0"]))}
        if draw(st.integers(0, 2)) == 0:
            line = credit(name, at(0, 0, minute), draw(amounts), **more)
        else:
            more |= draw(st.sampled_from([{}, to("t-1"), to("t-2")]))
            way = draw(st.sampled_from(["out", "out", "in"]))
            line = move(name, at(0, 0, minute), draw(amounts), way, draw(kinds), **more)
        line["value"]["balance_after"] = draw(st.sampled_from([None, n]))
        happened.append((minute, line))
    return happened


@st.composite
def arrivals(draw: st.DrawFn, happened: list[tuple[int, Values]]) -> list[Line]:
    """A journal in which each of it is displaced by at most a day (R2), with ticks in between."""
    delays = st.sampled_from([0, 0, 1, 60, 720, DAY - 1, DAY])
    arrived = [(minute + draw(delays), draw(st.integers(0, 99)), n) for n, (minute, _) in enumerate(happened)]
    journal: list[Line] = []
    for minute, _, n in sorted(arrived):
        stamp = when(0, 0, minute)
        if draw(st.booleans()):
            journal.append(ticked(stamp))
        line = record(happened[n][1])
        line.timestamp = stamp // 1_000
        journal.append(line)
    return journal


def ticked(instant: int) -> Line:
    """A tick."""
    return record(
        {"topic": JOURNAL, "key": None, "value": {"type": "tick", "instant": format_instant(instant)}}
    )
