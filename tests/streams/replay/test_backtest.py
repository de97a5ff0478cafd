"""A backtest is the pipeline over a file: its clock, its partitions, its books (J5, O6, X3)."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.dead import Reason, Rejection
from schemas.facts import CYCLE_FIELDS
from schemas.instant import DAY
from streams.journal.eventsfile import Line, parse_line
from streams.replay import backtest as module
from streams.replay.backtest import backtest
from streams.replay.look import Look, look
from streams.state.keys import is_account
from tests.reference.lines import at, credit, move, out, tick
from tests.streams.builders import (
    LARGE,
    SHIPPED,
    Kept,
    Values,
    at_account,
    by_account,
    cycles,
    file_of,
    record,
    when,
)
from tests.streams.journals import journals


def in_partition(number: int | None, *lines: Values) -> list[Values]:
    return [line if number is None else line | {"partition": number} for line in lines]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(journals(), st.sampled_from([None, 3]), st.sampled_from([1, 3, 4096]))
def test_a_backtest_is_the_live_run(journal: dict[str, Any], partition: int | None, every: int) -> None:
    lines = journal["lines"]
    for line in lines:
        line.partition = partition
    seen = look(lines)
    ahead = seen.playbooks.get(partition, [])
    live = Kept(journal["by"], ticking=journal["ticking"], number=partition or 0, ahead=ahead)
    for line in lines:
        live.read(line).take()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "EVERY", every)
        result = backtest(lines, journal["by"], seen)
    assert by_account(result.tasks) == by_account(live.tasks), "other tasks than live"
    assert by_account(result.facts) == by_account(live.facts), "other facts than live"
    accounts = {key: value for key, value in live.table.items() if is_account(key)}
    assert result.accounts == accounts, "another state than live"
    (row,) = result.rows.values()
    assert (row.clock, list(result.rows)) == (live.partition.clock, [partition])
    assert result.books == live.partition.row.books, "own answers count among the file's records"


def test_until_moves_the_clock_on_after_the_last_line() -> None:
    assert cycles(file_of(*LARGE).facts) == []
    assert cycles(file_of(*LARGE, until=when(9, 0)).facts) == [], "closed at the instant, not after it"
    result = file_of(*LARGE, until=when(9, 0) + 1)
    assert [fact["class"] for fact in cycles(result.facts)] == ["loyal"]
    assert result.rows[None].clock == when(9, 0) + 1
    assert file_of(*LARGE, until=when(-50)).rows[None].clock == when(1), "the clock went back"


def test_a_cycle_line_has_its_fields_in_order() -> None:
    (fact,) = cycles(file_of(*LARGE, until=when(9, 1)).facts)
    assert set(CYCLE_FIELDS) <= set(fact)
    assert len(CYCLE_FIELDS) == len(set(CYCLE_FIELDS)) == 16


def test_a_file_that_has_ticks_is_moved_by_them_alone() -> None:
    lines = [*LARGE, credit("q", at(60), 5)]
    assert len(cycles(file_of(*lines).facts)) == 1
    assert cycles(file_of(tick(at(-90)), *lines).facts) == []
    assert file_of(tick(at(-90)), *lines).books.dead == {Reason.FUTURE_TIMESTAMP: 3}


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        (Line("payday.journal.v1", None, b'{"type":"tick","instant":"2026-01-05T00:00:00Z"}'), True),
        (Line("payday.journal.v1", None, b'{"type":"tick","instant":"2026-01-05T00:00:00"}'), False),
        (Line("payday.journal.v1", None, b'{"type":"transfer","event_id":"tick"}'), False),
        (Line("payday.journal.v1", None, None), False),
        (Rejection(Reason.MALFORMED, "tick"), False),
        pytest.param(
            Line("payday.journal.v1", None, b'{"instant":"2026-01-05T00:00:00Z"}', (("type", b"tick"),)),
            True,
        ),
        pytest.param(
            Line("payday.transfers.v1", None, b'{"type":"tick","instant":"2026-01-05T00:00:00Z"}'),
            False,
        ),
    ],
)
def test_a_tick_line_is_a_tick_that_will_be_applied(line: Line | Rejection, is_one: bool) -> None:
    assert look([record(LARGE[0]), line]).ticking is is_one


def test_partitions_in_one_file_keep_their_clocks_apart() -> None:
    first = in_partition(0, tick(at(0)), *LARGE[:1], tick(at(60)))
    second = in_partition(
        1, tick(at(0)), at_account(LARGE[0], "b"), tick(at(1)), at_account(out("x", at(1), 1), "b")
    )
    mixed = [line for pair in zip(first, second, strict=False) for line in pair] + second[len(first) :]
    result = file_of(*mixed)
    assert result.books.dead == {}, "the clock of one partition has judged another's event"
    assert {number: row.clock for number, row in result.rows.items()} == {0: when(60), 1: when(1)}
    assert [fact["account_id"] for fact in cycles(result.facts)] == ["a"]
    assert sorted(result.accounts) == [b"a", b"b"]


def test_lines_without_a_partition_form_one() -> None:
    result = file_of(credit("p", at(9), 1), at_account(credit("q", at(0), 1), "b"))
    assert result.books.dead == {Reason.TOO_LATE: 1}
    assert list(result.rows) == [None]


def test_lines_without_a_partition_do_not_hide_partition_0() -> None:
    assert file_of(LARGE[0], *in_partition(0, at_account(LARGE[0], "b"))).books.read == 2


def test_until_moves_the_clock_of_every_partition() -> None:
    lines = [*in_partition(0, LARGE[0]), *in_partition(1, at_account(LARGE[0], "b"))]
    result = file_of(*lines, until=when(60))
    assert [fact["account_id"] for fact in cycles(result.facts)] == ["a", "b"]


def owner(key: bytes, partitions: int) -> int:
    return key[0] % partitions


def test_a_record_in_a_partition_that_is_not_its_key_s_is_refused() -> None:
    def dead(**where: int) -> dict[str, int]:
        line = record(LARGE[0] | where)  # b"a"[0] is 97
        return backtest([line], SHIPPED, Look(ticking=False), owner=owner).books.dead

    assert dead(partition=1, partitions=2) == {}
    assert dead(partition=0, partitions=2) == {Reason.WRONG_PARTITION: 1}
    assert dead(partition=0) == {}, "judged without knowing how many partitions there are"


def test_a_line_with_no_partitions_is_malformed() -> None:
    backtest(
        [record(LARGE[0] | {"partition": 0, "partitions": 0})], SHIPPED, Look(ticking=False), owner=owner
    )


def test_type_topics_and_the_journal_are_read_alike() -> None:
    def of(topic: str, line: Values) -> Values:
        value = {name: value for name, value in line["value"].items() if name != "type"}
        return line | {"topic": topic, "value": value}

    direct = file_of(*LARGE, until=when(60))
    typed = file_of(
        of("payday.payroll-credits.v1", LARGE[0]) | {"key": None},
        of("payday.transfers.v1", LARGE[1]),
        until=when(60),
    )
    assert (typed.tasks, typed.facts, typed.accounts) == (direct.tasks, direct.facts, direct.accounts)


def test_a_record_in_the_type_topic_of_another_is_refused() -> None:
    assert file_of(LARGE[0] | {"topic": "payday.transfers.v1"}).books.dead == {Reason.INVALID: 1}


def test_what_cannot_be_read_is_in_the_books() -> None:
    lines = [
        record(LARGE[0]),
        parse_line(b"{"),
        record(LARGE[1] | {"topic": "payday.facts.v1"}),
        record(LARGE[0]),
        record(move("m", at(1), 1, "out", "transfer") | {"key": "b"}),
    ]
    books = backtest(lines, SHIPPED, Look(ticking=False)).books
    assert (books.read, books.applied, books.duplicate) == (5, 1, 1)
    assert books.dead == {"malformed": 1, "unknown_type": 1, "key_mismatch": 1}
    assert books.balanced


@pytest.mark.parametrize("every", [1, 2, 4096])
def test_an_account_that_goes_leaves_the_table(every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EVERY", every)
    lines = [*LARGE, *(at_account(out(f"y{n}", at(1, n), 1), "b") for n in range(5))]
    assert list(file_of(*lines, until=when(1) + 3 * DAY).accounts) == [b"a"]
    assert file_of(*lines, until=when(500)).accounts == {}


def test_an_empty_file_is_no_partition() -> None:
    result = backtest([], SHIPPED, Look(ticking=False), until=when(0))
    assert (result.rows, result.books.read, result.accounts) == ({}, 0, {})
    assert json.dumps(result.books.dead) == "{}"
