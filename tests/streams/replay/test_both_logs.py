"""A backtest of both logs is the service, however it ran: from exports, and from what the bank wrote alone (F1, X3)."""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.log.partitioner import partition_of
from schemas.groups import GROUPS
from schemas.topics import FACTS, INTERVENTIONS, JOURNAL
from streams.journal.eventsfile import Line, format_line, parse_line
from streams.replay import backtest as module
from streams.replay.backtest import Result, backtest
from streams.replay.comparing import Differences
from streams.replay.look import look
from streams.state.keys import is_account
from tests.reference.lines import at
from tests.streams.builders import SHIPPED, record
from tests.streams.journals import playbook_line
from tests.streams.replay.colleagues import answer, colleagues
from tests.streams.replay.service import Service

slow = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def services(draw: st.DrawFn, ahead: bool = False) -> Service:
    """A service that has read a journal, whoever came first at each step. ``ahead``: whether playbooks are published
    ahead, to logs that are read up to their ends; else how far the groups log is when one comes is its own affair."""
    service = Service(SHIPPED, draw(st.integers(1, 3)))
    service.produce(
        record(playbook_line(SHIPPED.book.model_dump(mode="json"), at(-1)))
    )  # the worker's own (B4)
    machines = [*service.detectors, *service.coordinators]
    for line in draw(colleagues(ahead)):
        if ahead and b'"playbook"' in (line.value or b""):
            service.run_all()
        service.produce(line)
        for _ in range(draw(st.integers(0, 2))):
            machine = draw(st.sampled_from(machines))
            service.run(machine, draw(st.integers(0, 5)), draw(st.integers(0, 3)))
    service.run_all()
    return service


def of(lines: list[Line]) -> Result:
    """A backtest of lines as an export has them."""
    read = [one for one in map(parse_line, map(format_line, lines)) if isinstance(one, Line)]
    assert len(read) == len(lines)
    seen = look(read)
    return backtest(read, SHIPPED, seen, owner=partition_of)


def counted(words: Any) -> Counter[bytes]:
    return Counter(one.to_json() for one in words)


def assert_same_decisions(result: Result, service: Service) -> None:
    for topic, found in ((INTERVENTIONS, result.tasks), (FACTS, result.all_facts)):
        assert counted(found) == counted(one for one in service.out if one.topic == topic), topic
    published = Counter((line.partition, line.value) for line in service.exported(JOURNAL) if answer(line))
    assert Counter((one.addressed_to, one.to_json()) for one in result.answers) == published
    accounts = {
        key: value for machine in service.detectors for key, value in machine.table.items() if is_account(key)
    }
    assert result.accounts == accounts, "other accounts"


@slow
@given(services())
def test_a_backtest_of_both_exports_is_the_service(service: Service) -> None:
    result = of([*service.exported(JOURNAL), *service.exported(GROUPS)])
    assert_same_decisions(result, service)
    assert result.differences == Differences()
    for number, machine in enumerate(service.detectors):
        rows = {key: value for key, value in machine.table.items() if not is_account(key)}
        assert result.control[number] == rows, "the journal knows something else"
        assert result.rows[number].books == machine.fold.row.books
    assert result.groups.read == len(service.exported(GROUPS)), "a line of the groups log was not read"
    assert (result.books.balanced, result.groups.balanced, result.own.balanced) == (True, True, True)


@slow
@given(services(ahead=True), st.sampled_from([1, 7, 4096]))
def test_a_backtest_of_what_the_bank_wrote_alone_decides_alike(service: Service, every: int) -> None:
    written = [line for line in service.exported(JOURNAL) if not answer(line)]
    before, module.EVERY = module.EVERY, every  # type: ignore[misc]
    try:
        result = of(written)
    finally:
        module.EVERY = before  # type: ignore[misc]
    assert_same_decisions(result, service)
    assert result.differences == Differences(), "nothing was there to compare with"
    assert result.books.read == len(written), "own answers count among the file's lines"
    assert result.own.read == len(result.answers)


@slow
@given(services(ahead=True))
def test_a_journal_with_answers_and_no_groups_log_is_compared_by_its_answers(service: Service) -> None:
    result = of(service.exported(JOURNAL))
    assert_same_decisions(result, service)
    assert result.differences == Differences()
    assert result.books.read == len(service.exported(JOURNAL)) - result.own.read
