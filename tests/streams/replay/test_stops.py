"""The clock stops one microsecond past each 04:00 at which a group is due, whatever line moves it on (F1)."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.instant import MINUTE, format_instant, parse_instant
from streams.groups.rules import GroupRules
from streams.journal.eventsfile import Line
from streams.journal.known_employers import PREFIX, KnownEmployers
from streams.replay.backtest import Result, backtest
from streams.replay.look import Look, look
from tests.reference.lines import at, credit, tick
from tests.streams.builders import SHIPPED, Kept, Values, at_account, plain, record, when
from tests.streams.groups.builders import Kept as KeptGroups
from tests.streams.replay.colleagues import colleagues


def paid(account: str, day: int) -> Values:
    return at_account(credit(f"{account}{day}", at(day, 9), 1_000_000), account)


TWO = [paid("a", 0), paid("b", 0)]


def of(*lines: Values | Line, ticking: bool = False, until: int | None = None) -> Result:
    read = [one if isinstance(one, Line) else record(one) for one in lines]
    return backtest(read, SHIPPED, Look(ticking), until=until)


@pytest.mark.parametrize("how", ["posting", "tick", "until"])
def test_what_moves_the_clock_over_months_finds_the_answer_of_the_next_morning(how: str) -> None:
    if how == "until":
        result = of(*TWO, until=when(90))
    elif how == "tick":
        result = of(tick(at(0, 9)), *TWO, tick(at(90)), ticking=True)
    else:
        result = of(*TWO, paid("c", 90))
    first = result.answers[0]
    assert json.loads(first.to_json())["at"] == format_instant(when(1, 4)), "answered at another instant"
    known = KnownEmployers(result.control[None])
    assert known.at("e1", when(1, 9)) is not None, "the answer came later than its morning"
    assert known.at("e1", when(1, 9) - 1) is None, "it holds before 09:00"


def test_employers_facts_are_of_the_mornings_at_which_they_changed() -> None:
    result = of(*TWO, paid("c", 90))
    told = [plain(one) for one in result.all_facts if one.fact == "employer_payday"]
    assert [fact["at"] for fact in told] == [format_instant(when(day, 4)) for day in (1, 9)]
    assert [fact["closed"] for fact in told] == [0, 2], "the closes were not told by the second"


def test_a_partition_without_lines_keeps_nobody_waiting() -> None:
    lines = [record(one | {"partition": 1, "partitions": 3}) for one in [*TWO, paid("c", 90)]]
    result = backtest(lines, SHIPPED, look(lines))
    assert [one.addressed_to for one in result.answers][:1] == [1]
    assert KnownEmployers(result.control[1]).at("e1", when(1, 9)) is not None


def test_partitions_whose_lines_alternate_wait_for_each_other() -> None:
    def line(one: Values, partition: int) -> Line:
        return record(one | {"partition": partition, "partitions": 2})

    lines = [line(TWO[0], 0), line(TWO[1], 1), line(paid("c", 40), 0)]
    waiting = backtest(lines, SHIPPED, look(lines))
    assert waiting.answers == [], "decided although a partition had not got so far"
    lines.append(line(paid("d", 40), 1))
    result = backtest(lines, SHIPPED, look(lines))
    first = result.answers[:2]
    assert [json.loads(one.to_json())["at"] for one in first] == [format_instant(when(1, 4))] * 2
    assert [one.addressed_to for one in first] == [0, 1], "both partitions were heard of"
    assert KnownEmployers(result.control[1]).at("e1", when(1, 9)) is not None, "it had not gone past it"
    assert KnownEmployers(result.control[0]).at("e1", when(39)) is None, (
        "it was read at the clock of the 40th day"
    )
    assert KnownEmployers(result.control[0]).at("e1", when(40, 9)) is not None


def test_a_refused_line_moves_no_clock() -> None:
    wrong = paid("c", 90) | {"key": "x"}
    ahead = tick(at(90)) | {"timestamp": when(0) // 1_000}
    assert of(*TWO, wrong).rows[None].clock == when(0, 9)
    assert of(tick(at(0)), *TWO, ahead, ticking=True).rows[None].clock == when(0)


def test_deadlines_are_fired_by_instant_and_then_by_account() -> None:
    lines = [
        at_account(credit("1", at(0, 10), 1), "c"),
        at_account(credit("2", at(0, 10, 30), 1), "a"),
        at_account(credit("3", at(1, 10), 1), "b"),
    ]
    closed = [
        plain(one)["account_id"] for one in of(*lines, until=when(60)).facts if one.fact == "account_cycle"
    ]
    assert closed == ["a", "c", "b"], "two are due at one instant, the third a day later"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(colleagues(ahead=True), st.booleans())
def test_a_clock_that_ticks_every_hour_finds_the_same(journal: list[Line], sparse: bool) -> None:
    lines = [one for one in journal if not (sparse and b'"tick"' in (one.value or b""))] + journal[-1:]
    result, naive = of(*lines, ticking=True), Naive()
    for line in lines:
        naive.read(line)
    assert result.accounts == {key: value for key, value in naive.journal.table.items() if key[:1] != b"\0"}
    control = {key: value for key, value in result.control[None].items() if key.startswith(PREFIX)}
    assert control == {key: value for key, value in naive.journal.table.items() if key.startswith(PREFIX)}
    assert [one.to_json() for one in result.answers] == naive.answers


class Naive:
    """Both logs, one partition each, whose clocks never go on by more than an hour."""

    def __init__(self) -> None:
        self.journal = Kept(SHIPPED)
        self.groups = KeptGroups(GroupRules.of(SHIPPED.book))
        self.answers: list[bytes] = []

    def read(self, line: Line) -> None:
        value: dict[str, Any] = json.loads(line.value or b"")
        if value["type"] == "tick":
            self.pass_time(value["instant"])
        if value["type"] == "playbook":
            self.groups.read(Line("payday.groups.v1", None, line.value))
        self.journal.read(line)
        self.exchange()

    def pass_time(self, instant: str) -> None:
        known, target = self.journal.partition.clock, parse_instant(instant)
        clock = when(-1) if known is None else known
        while clock + 60 * MINUTE < target:
            # One microsecond past the hour, which 04:00 is in every zone of the tests.
            clock = (clock // (60 * MINUTE) + 1) * 60 * MINUTE + 1
            if clock < target:
                self.journal.tick(clock)
                self.exchange()

    def exchange(self) -> None:
        told = len(self.journal.told)
        for one in self.journal.take().told[told:]:
            self.groups.read(Line("payday.groups.v1", one.key, one.to_json()))
        for one in self.groups.take().emitted[:]:
            if one.addressed_to is not None and one.to_json() not in self.answers:
                self.answers.append(one.to_json())
                self.journal.read(Line("payday.journal.v1", None, one.to_json()))
        self.journal.take()
