"""Generated journals of accounts that share employers, with a clock of their own."""

from typing import Any

from hypothesis import strategies as st

from streams.journal.eventsfile import Line
from tests.reference.lines import at, credit, out, tick
from tests.streams.builders import SHIPPED, Values, at_account, record
from tests.streams.histories import JOURNAL
from tests.streams.journals import changes

DAY = 1440
END = 150
ACCOUNTS = ("p0", "p1", "p2", "p3", "p4", "ü")
Arrival = tuple[int, int, Values]


@st.composite
def colleagues(draw: st.DrawFn, ahead: bool) -> list[Line]:
    """A journal: what arrives, and ticks in between; the last one long after all that is due is past. ``ahead``: whether
    every playbook is published before it is to hold, as ``paytide playbook publish`` sees to it."""
    arrivals: list[Arrival] = []
    for account in draw(st.lists(st.sampled_from(ACCOUNTS), min_size=2, max_size=6, unique=True)):
        arrivals += draw(_of_account(account))
    for minute in draw(st.lists(st.integers(0, 70 * DAY), max_size=30)):
        arrivals.append((minute, -1, tick(at(0, 0, minute))))
    for change in draw(st.lists(changes(SHIPPED.book), max_size=2)):
        minute = draw(st.integers(0, 70 * DAY))
        if ahead:
            change["value"]["from"] = at(0, 0, minute + draw(st.sampled_from([1, DAY, 30 * DAY])))
        arrivals.append((minute, -2, change))
    arrivals.sort(key=lambda one: one[:2])
    return [record(line) for _, _, line in arrivals] + [record(tick(at(day))) for day in (END, END + 1)]


@st.composite
def _of_account(draw: st.DrawFn, account: str) -> list[Arrival]:
    # Paid by one employer or another about every four weeks; some of it late, undone, or sent on.
    found: list[Arrival] = []
    for number in range(draw(st.integers(1, 3))):
        minute = number * 28 * DAY + draw(st.sampled_from([540, 540, 541, DAY + 540, 3 * DAY]))
        employer = draw(st.sampled_from(["e1", "e1", "e1", "é2"]))
        name, amount = f"{account}-{number}", draw(st.sampled_from([333_333, 1_000_000]))
        postings = [(minute, credit(name, at(0, 0, minute), amount, employer_id=employer))]
        if draw(st.integers(0, 4)) == 0:
            later = minute + draw(st.sampled_from([5, DAY]))
            undone: dict[str, Any] = {"employer_id": employer, "reverses": name}
            postings.append((later, credit(f"u{name}", at(0, 0, later), amount, **undone)))
        if draw(st.booleans()):
            later = minute + draw(st.sampled_from([1, DAY, 6 * DAY]))
            postings.append((later, out(f"o{name}", at(0, 0, later), draw(st.sampled_from([1, 800_000])))))
        for happened, line in postings:
            late = draw(st.sampled_from([0, 0, 0, 60, 1439]))
            found.append((happened + late, len(found), at_account(line, account)))
    return found


def answer(line: Line) -> bool:
    """Whether a line is an answer of the coordinator."""
    return line.topic == JOURNAL and ("by", b"coordinator") in line.headers
