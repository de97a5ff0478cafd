"""A partition looks ahead for its first playbook, waits for it, and gets the worker's own where it may (B4)."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import pytest

from agents.broadcasting import broadcast
from agents.log.offsets import LogReader
from agents.log.records import TP
from agents.lookahead import FirstPlaybooks, first_of
from agents.settings import Settings
from schemas import topics
from schemas.broadcasts import CalendarChange, PlaybookChange
from schemas.decode import RawRecord
from schemas.groups import GROUPS
from schemas.playbook import Bank, Playbook
from streams.journal.ahead import playbook_of
from streams.journal.control import rows_of
from streams.playbook.rules import Edition, InForce
from tests.conftest import settled_ends
from tests.schemas.broadcasts import CALENDAR

OURS, OTHER = Playbook(version=5), Playbook(version=6)
FIRST, OF_GROUPS = TP(topics.JOURNAL, 0), TP(GROUPS, 0)


def given(playbook: Path | None = None) -> FirstPlaybooks:
    return FirstPlaybooks(Settings(_env_file=None, playbook=playbook), OURS)


def test_a_worker_that_was_given_another_playbook_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "book.yaml"
    file.write_text("version: 5")
    playbooks = given(file)
    assert [playbooks.differs(held) for held in (OTHER, OTHER, OURS)] == [True, True, False]
    [said] = caplog.messages
    assert "the journal holds playbook default, version 6" in said


def test_a_worker_that_was_given_none_has_nothing_to_say(caplog: pytest.LogCaptureFixture) -> None:
    assert not given().differs(OTHER)
    assert caplog.messages == []


def test_it_waits_for_nothing_before_it_looks() -> None:
    assert given().waits_for is None


class HangingLog:
    """A log without records whose reader takes its time to stop."""

    stop_seconds = 0.0

    def __init__(self, _settings: Settings) -> None:
        self._stop_seconds = self.stop_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await asyncio.sleep(self._stop_seconds)

    async def partitions(self, topic: str) -> list[TP]:
        return [TP(topic, 0)]

    async def ends(self, tps: list[TP]) -> dict[TP, int]:
        await asyncio.sleep(0)
        return dict.fromkeys(tps, 0)

    async def read(self, _tp: TP, _start: int, _end: int) -> AsyncIterator[Any]:
        for nothing in ():
            yield nothing


async def cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.sleep(0.01)


async def test_a_look_that_takes_its_time_to_end_hides_none_and_waits_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.lookahead.LogReader", HangingLog)
    monkeypatch.setattr(HangingLog, "stop_seconds", 0.1)
    playbooks = given()
    place = TP(topics.JOURNAL, 3)
    revoked = asyncio.create_task(playbooks.find(place, 0, lambda _: False))
    await asyncio.sleep(0.01)
    assert "partitions 3" in str(playbooks.waits_for)
    await cancelled(revoked)
    assert playbooks.waits_for is None, "the partition is gone, whatever its reader still does"
    assigned_again = asyncio.create_task(playbooks.find(place, 0, lambda _: False))
    await asyncio.gather(revoked, return_exceptions=True)
    assert "partitions 3" in str(playbooks.waits_for), "the end of the old look hides the new one"
    await cancelled(assigned_again)


async def test_the_groups_log_gets_what_the_journal_goes_by_even_if_its_record_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.lookahead.LogReader", HangingLog)
    state = rows_of(InForce([Edition(0, 0, OTHER, 0)]))
    settings = Settings(_env_file=None)
    assert await FirstPlaybooks(settings, OURS, lambda: state)._journals() == OTHER
    monkeypatch.setattr(HangingLog, "begins", HangingLog.ends, raising=False)
    assert await FirstPlaybooks(settings, OURS)._journals() == OURS, "neither state nor log has one"


def is_playbook(record: RawRecord) -> bool:
    return playbook_of(record) is not None


def version_of(record: RawRecord) -> int:
    change = playbook_of(record)
    assert change is not None
    return int(change.playbook["version"])


def without_ticks(settings: Settings) -> Settings:
    return settings.model_copy(update={"tick_seconds": 0})


async def end_of_log(settings: Settings, tp: TP = FIRST) -> int:
    """Where the log ends: others have written to it."""
    return (await settled_ends(settings, [tp]))[tp]


async def versions(settings: Settings, tp: TP, start: int) -> list[int]:
    """Of the playbooks that came to a log."""
    end = await end_of_log(settings, tp)
    async with LogReader(settings) as log:
        return [version_of(one) async for cut in log.read(tp, start, end) for one in cut.records]


async def _until_told_to_publish(playbooks: FirstPlaybooks) -> None:
    while "paytide playbook publish FILE" not in str(playbooks.waits_for):  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0.01)


@pytest.mark.broker
class TestOnABroker:
    """With the topics of a service of its own."""

    async def test_it_offers_the_records_in_order_until_one_is_the_first_playbook(
        self, service_settings: Settings
    ) -> None:
        start = await end_of_log(service_settings)
        for version in (1, 2, 3):
            await broadcast(service_settings, first_of(Playbook(version=version)))
        offered: list[int] = []

        def foresee(record: RawRecord) -> bool:
            offered.append(version_of(record))
            return len(offered) == 2

        playbooks = FirstPlaybooks(service_settings, OURS)
        await playbooks.find(FIRST, start, foresee)
        assert offered == [1, 2]
        assert playbooks.waits_for is None

    async def test_where_no_worker_ticks_it_waits_and_says_for_what(self, service_settings: Settings) -> None:
        start = await end_of_log(service_settings)
        await broadcast(service_settings, CalendarChange.model_validate_json(json.dumps(CALENDAR)))
        playbooks = FirstPlaybooks(without_ticks(service_settings), OURS)
        looking = asyncio.create_task(playbooks.find(FIRST, start, is_playbook))
        async with asyncio.timeout(30):
            await _until_told_to_publish(playbooks)
        assert "payday.journal.v1, partitions 0:" in str(playbooks.waits_for)
        await broadcast(service_settings, first_of(OTHER))
        async with asyncio.timeout(30):
            await looking
        assert playbooks.waits_for is None

    async def test_who_ticks_gives_both_logs_one_and_the_same_playbook_once(
        self, service_settings: Settings
    ) -> None:
        starts = {tp: await end_of_log(service_settings, tp) for tp in (FIRST, OF_GROUPS)}
        playbooks = FirstPlaybooks(service_settings, OURS)
        async with asyncio.timeout(30):
            await asyncio.gather(*(playbooks.find(tp, start, is_playbook) for tp, start in starts.items()))
        [[given], [other]] = [await versions(service_settings, *place) for place in starts.items()]
        assert given == other

    async def test_a_journal_without_one_is_given_the_worker_s_own(self, service_settings: Settings) -> None:
        start = await end_of_log(service_settings)
        async with asyncio.timeout(30):
            await FirstPlaybooks(service_settings, OURS).find(FIRST, start, is_playbook)
        assert await versions(service_settings, FIRST, start) == [OURS.version]

    async def test_a_groups_log_without_one_is_given_what_the_journal_holds_last(
        self, service_settings: Settings
    ) -> None:
        for version, zone in ((6, "Asia/Shanghai"), (7, "Asia/Shanghai"), (8, "Europe/Prague")):
            book = Playbook(version=version, bank=Bank(timezone=zone))
            await broadcast(service_settings, PlaybookChange.of(book, 0))
        start = await end_of_log(service_settings, OF_GROUPS)
        playbooks = FirstPlaybooks(service_settings, OURS)
        async with asyncio.timeout(30):
            await playbooks.find(OF_GROUPS, start, is_playbook)
        assert await versions(service_settings, OF_GROUPS, start) == [7], "8 is refused, and 5 is but ours"

    async def test_a_look_that_is_cancelled_waits_for_nothing_more(self, service_settings: Settings) -> None:
        start = await end_of_log(service_settings)
        playbooks = FirstPlaybooks(service_settings, OURS)
        looking = asyncio.create_task(playbooks.find(FIRST, start, lambda _: False))
        await asyncio.sleep(0)  # it begins
        assert playbooks.waits_for == "looking ahead for a playbook in payday.journal.v1, partitions 0"
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        assert playbooks.waits_for is None
