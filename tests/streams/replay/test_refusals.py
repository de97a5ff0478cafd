"""Of a file's refused lines it is known which they are, and which line had moved the clock (O6)."""

import pytest

from schemas.dead import Reason, Rejection
from schemas.topics import JOURNAL
from streams.journal.eventsfile import Line, parse_line
from streams.replay import backtest as module
from streams.replay.backtest import Result, backtest
from streams.replay.look import Look
from tests.reference.lines import at, credit, out, tick
from tests.streams.builders import LARGE, SHIPPED, Values, at_account, record, when

Given = Line | Rejection | None


def of(*lines: Values | Given, ticking: bool = False) -> Result:
    given = [record(line) if isinstance(line, dict) else line for line in lines]
    return backtest(given, SHIPPED, Look(ticking))


def place(result: Result) -> list[tuple[int, str]]:
    return [(line.number, line.rejection.reason) for line in result.dead]


@pytest.mark.parametrize("every", [1, 2, 4096])
def test_every_refused_line_is_there_in_the_order_of_the_file(
    every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY", every)
    result = of(
        LARGE[0],
        None,
        parse_line(b"{"),
        at_account(LARGE[1], "b") | {"partition": 1, "key": "c"},
        LARGE[0] | {"topic": "elsewhere"},
        None,
        LARGE[1] | {"key": "d", "partition": 0, "offset": 17},
        LARGE[1],
    )
    assert place(result) == [
        (3, Reason.MALFORMED),
        (4, Reason.KEY_MISMATCH),
        (5, Reason.UNKNOWN_TYPE),
        (7, Reason.KEY_MISMATCH),
    ]
    assert [line.topic for line in result.dead] == [None, JOURNAL, "elsewhere", JOURNAL]
    assert [(line.partition, line.offset) for line in result.dead] == [
        (None, None),
        (1, None),
        (None, None),
        (0, 17),
    ]
    assert sum(result.books.dead.values()) == len(result.dead)


@pytest.mark.parametrize("every", [1, 2, 4096])
def test_the_line_that_made_the_rest_too_late_is_known(every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", every)
    ahead = at_account(credit("q", at(300), 5), "b")
    result = of(LARGE[0], None, ahead, *(out(f"x{n}", at(1, n), 1) for n in range(4)))
    assert result.mover is not None
    assert (result.mover.number, result.mover.instant, result.mover.too_late) == (3, when(300), 4)
    assert place(result) == [(number, Reason.TOO_LATE) for number in (4, 5, 6, 7)]


def test_each_partition_has_a_clock_and_so_a_line_that_moved_it() -> None:
    ahead = at_account(credit("q", at(300), 5), "b") | {"partition": 1}
    late = [at_account(out(f"x{n}", at(1, n), 1), "b") | {"partition": 1} for n in range(2)]
    result = of(LARGE[0] | {"partition": 0}, ahead, LARGE[1] | {"partition": 0}, *late)
    assert result.mover is not None
    assert (result.mover.number, result.mover.too_late) == (2, 2)


def test_a_tick_moves_the_clock_too() -> None:
    result = of(tick(at(0)), LARGE[0], tick(at(300)), LARGE[1], ticking=True)
    assert result.mover is not None
    assert (result.mover.number, result.mover.too_late) == (3, 1)


def test_the_worst_of_several_is_named() -> None:
    b, c = (at_account(credit(name, at(day), 5), name) for name, day in (("b", 20), ("c", 300)))
    late = [out(f"x{n}", at(1, n), 1) for n in range(3)]
    result = of(LARGE[0], b, late[0], c, late[1], late[2])
    assert result.mover is not None
    assert (result.mover.number, result.mover.too_late) == (4, 2)


def test_where_nothing_is_too_late_nobody_is_named() -> None:
    assert of(*LARGE).mover is None
    assert of(*LARGE).dead == []
