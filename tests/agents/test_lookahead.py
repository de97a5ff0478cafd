"""A partition looks ahead for its first playbook, waits for it, and gets the worker's own where it may (B4)."""

import asyncio
import json
from pathlib import Path

import pytest

from agents.broadcasting import broadcast
from agents.log.records import TP
from agents.lookahead import FirstPlaybooks, first_of
from agents.settings import Settings
from schemas import topics
from schemas.broadcasts import CalendarChange, PlaybookChange
from schemas.playbook import Playbook
from tests.conftest import make_topics, settled_ends
from tests.schemas.broadcasts import CALENDAR

OURS, OTHER = Playbook(version=5), Playbook(version=6)
FIRST = TP(topics.JOURNAL, 0)


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


async def end_of_log(settings: Settings) -> int:
    """Where the log ends: others have written to it."""
    await make_topics(settings)
    return (await settled_ends(settings, [FIRST]))[FIRST]


@pytest.mark.broker
class TestOnABroker:
    """With the topics of a service of its own."""

    async def test_it_offers_the_playbooks_in_order_until_one_is_taken(
        self, service_settings: Settings
    ) -> None:
        start = await end_of_log(service_settings)
        for version in (1, 2, 3):
            await broadcast(service_settings, first_of(Playbook(version=version)))
        offered: list[int] = []

        def take(change: PlaybookChange) -> bool:
            offered.append(change.playbook["version"])
            return len(offered) == 2

        playbooks = FirstPlaybooks(service_settings, OURS)
        await playbooks.find(FIRST, start, take)
        assert offered == [1, 2]
        assert playbooks.waits_for is None

    async def test_it_waits_until_one_comes_and_says_for_what(self, service_settings: Settings) -> None:
        start = await end_of_log(service_settings)
        await broadcast(service_settings, CalendarChange.model_validate_json(json.dumps(CALENDAR)))
        playbooks = FirstPlaybooks(service_settings, OURS)
        looking = asyncio.create_task(playbooks.find(FIRST, start, lambda _: True))
        await _until_provided(playbooks)
        async with asyncio.timeout(30):
            await looking
        assert playbooks.waits_for is None

    async def test_a_look_that_is_cancelled_waits_for_nothing_more(self, service_settings: Settings) -> None:
        start = await end_of_log(service_settings)
        playbooks = FirstPlaybooks(service_settings, OURS)
        looking = asyncio.create_task(playbooks.find(FIRST, start, lambda _: True))
        await asyncio.sleep(0)  # it begins
        assert "paytide playbook publish FILE" in str(playbooks.waits_for)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        assert playbooks.waits_for is None


async def _until_provided(playbooks: FirstPlaybooks) -> None:
    """Provide, as a clock does again and again, until that has made a difference."""
    async with asyncio.timeout(30):
        while not playbooks.has_provided:
            await playbooks.provide()
            await asyncio.sleep(0.01)
