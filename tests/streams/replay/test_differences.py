"""What a file holds of our own folds is held against what they say, and never said twice (F2)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from agents.log.partitioner import partition_of
from schemas.groups import GROUPS
from schemas.topics import JOURNAL
from streams.journal.eventsfile import Line
from streams.replay.backtest import Result, backtest
from streams.replay.comparing import BY_THE_FOLD, IN_THE_FILE, OTHERWISE
from streams.replay.look import look
from tests.reference.lines import at, credit, tick
from tests.streams.builders import SHIPPED, at_account, record
from tests.streams.replay.service import paid_monthly

BY_US = {JOURNAL: ("by", b"coordinator"), GROUPS: ("by", b"detector")}


@pytest.fixture
def export() -> list[Line]:
    """Two accounts of one employer and four paydays, as a service has read them."""
    service = paid_monthly(4)
    return [*service.exported(JOURNAL), *service.exported(GROUPS)]


def of(lines: list[Line]) -> Result:
    return backtest(lines, SHIPPED, look(lines), owner=partition_of)


def paid_once() -> list[Line]:
    """Three accounts of one employer, and time enough for the groups to decide."""
    paid = [record(at_account(credit("p", at(0, 9), 1_000), name)) for name in "abc"]
    return [record(tick(at(0, 9))), *paid, record(tick(at(20, 9)))]


def own(lines: list[Line], topic: str, kind: str) -> list[int]:
    """The places of a kind of our own records."""
    return [
        place
        for place, line in enumerate(lines)
        if line.topic == topic and BY_US[topic] in line.headers and f'"type":"{kind}"'.encode() in line.value
    ]


def altered(line: Line, change: Callable[[dict[str, Any]], None]) -> Line:
    value = json.loads(line.value or b"")
    change(value)
    return Line(line.topic, line.key, json.dumps(value).encode(), line.headers, None, 0, 1, line.offset)


def richer(value: dict[str, Any]) -> None:
    value["now"]["amount"] += 1


def test_an_export_of_both_logs_has_no_difference(export: list[Line]) -> None:
    found = of(export).differences
    assert (found.found, found.beyond) == (0, 0)
    assert own(export, JOURNAL, "employer"), "nothing was answered: the tests show nothing"


def test_another_figure_in_the_groups_log_is_told_with_its_place(export: list[Line]) -> None:
    place = own(export, GROUPS, "paid")[0]
    export[place] = altered(export[place], richer)
    found = of(export).differences
    assert found.found == 1
    assert found.first is not None
    assert (found.first.how, found.first.topic, found.first.kind) == (OTHERWISE, GROUPS, "paid")
    assert (found.first.line, found.first.offset) == (place + 1, export[place].offset)


def test_a_record_too_many_and_one_too_few_are_told(export: list[Line]) -> None:
    place = own(export, GROUPS, "closed")[0]
    fewer = of(export[:place] + export[place + 1 :]).differences
    assert fewer.first is not None
    assert (fewer.found, fewer.first.how, fewer.first.offset) == (1, BY_THE_FOLD, None)
    more = altered(export[place], lambda value: value.update(employer_id="e9"))
    more.key = b"employer:e9"
    found = of([*export[:place], more, *export[place:]]).differences
    assert found.first is not None
    assert (found.found, found.first.how, found.first.line) == (1, IN_THE_FILE, place + 1)


def test_another_answer_is_told(export: list[Line]) -> None:
    place = own(export, JOURNAL, "employer")[0]
    export[place] = altered(export[place], lambda value: value.update(head_count=7))
    found = of(export).differences
    assert found.first is not None
    assert (found.found, found.first.topic, found.first.line) == (2, JOURNAL, place + 1)
    assert found.first.how == IN_THE_FILE, "file and fold each say something that the other does not"


def test_where_one_log_was_exported_later_it_goes_on_for_longer_and_does_not_differ(
    export: list[Line],
) -> None:
    journal = [line for line in export if line.topic == JOURNAL]
    groups = [line for line in export if line.topic == GROUPS]
    for lines in ([*journal, *groups[:4]], [*journal[:6], *groups]):
        found = of(lines).differences
        assert found.found == 0, f"a log that ends earlier is no difference: {found.first}"
        assert found.beyond > 0, "nothing was left out: the test shows nothing"


def test_what_is_taken_from_the_file_is_not_appended(export: list[Line]) -> None:
    result = of(export)
    assert result.groups.read == sum(line.topic == GROUPS for line in export)
    assert result.own.read == len(own(export, JOURNAL, "employer")) == len(result.answers)
    assert result.books.read + result.own.read == sum(line.topic == JOURNAL for line in export)


def test_what_others_wrote_into_the_groups_log_stands_beside_what_we_say(export: list[Line]) -> None:
    written = [line for line in export if BY_US[line.topic] not in line.headers]
    alone = of(written)
    place = own(export, GROUPS, "paid")[0]
    theirs = altered(export[place], lambda value: value.update(count=3))
    theirs.headers = ()
    both = of([theirs, *written])
    assert both.groups.read == alone.groups.read + 1
    assert json.loads(both.answers[0].to_json())["head_count"] == 2 + 3


def test_a_producers_record_is_no_answer_whatever_its_header_says() -> None:
    by = BY_US[JOURNAL]
    lines = paid_once()
    plain = of(lines)
    lines[1].headers = (by,)
    spoofed = of(lines)
    assert plain.answers, "nobody is answered, so nothing is tested"
    assert (spoofed.answers, spoofed.books) == (plain.answers, plain.books)


@pytest.mark.parametrize("partition", [1, 10**6])
def test_a_line_of_another_topic_is_refused_and_decides_nothing(partition: int) -> None:
    lines = paid_once()
    foreign = Line("payday.facts.v1", b"a", b"{}", partition=partition)
    alone, with_foreign = of(lines), of([foreign, *lines])
    assert alone.answers, "nobody is answered, so nothing is tested"
    assert with_foreign.answers == alone.answers
    assert [one.rejection.reason for one in with_foreign.dead] == ["unknown_type"]
