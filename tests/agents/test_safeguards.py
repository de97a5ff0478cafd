"""Events are written to a service only where somebody reads them, and no clock runs ahead of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from click.testing import CliRunner, Result

from agents import ingest as ingesting
from agents import safeguards
from agents.cli import main
from agents.clock import TickWriter
from agents.embedded.kafka import EmbeddedKafka
from agents.embedded.local import LocalService
from agents.ingest import ingest
from agents.log import journal_clock
from agents.log.journal_clock import JournalClock
from agents.log.topics import admin, ensure_topics
from agents.safeguards import IngestError, prepare
from agents.settings import Settings
from schemas import topics
from schemas.instant import DAY, format_instant
from streams.journal.eventsfile import Line
from streams.replay.survey import Survey, survey
from tests.conftest import make_topics
from tests.reference.lines import at, out
from tests.streams.builders import record, when

pytestmark = [pytest.mark.broker, pytest.mark.timeout(120)]

GROUP = "safeguarded"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A broker of its own: nobody else ticks in its journal, and no worker has ever been there."""
    with EmbeddedKafka(tmp_path_factory.mktemp("kafka")) as kafka:
        yield kafka


@pytest.fixture
def bare(empty: EmbeddedKafka) -> Settings:
    """Settings for a broker that may not have our topics yet."""
    return Settings(_env_file=None, app_id=GROUP, kafka_bootstrap=empty.bootstrap)


@pytest.fixture
async def settings(bare: Settings) -> Settings:
    """The same, with our topics."""
    await make_topics(bare)
    return bare


@pytest.fixture
def paytide(empty: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Calls a command with that broker."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAYTIDE_KAFKA_BOOTSTRAP", empty.bootstrap)
    monkeypatch.setenv("PAYTIDE_APP_ID", GROUP)
    monkeypatch.setattr(safeguards, "WORKER_SECONDS", 0.5)
    return lambda *arguments: CliRunner().invoke(main, [str(one) for one in arguments])


@asynccontextmanager
async def worker(settings: Settings) -> AsyncIterator[None]:
    """A member of the workers' group."""
    async with AIOKafkaConsumer(
        topics.TRANSFERS, group_id=settings.app_id, bootstrap_servers=settings.kafka_bootstrap
    ):
        yield


def transfers(*days: int) -> list[Line]:
    return [record(out(f"x{n}", at(day), 1)) for n, day in enumerate(days)]


def seen(*days: int) -> Survey:
    return survey(transfers(*days), lines_per_tick=1_000, lateness=DAY, latest=when(1_000))


async def tick(settings: Settings, *days: int) -> None:
    async with TickWriter(settings) as writer:
        for day in days:
            await writer.tick(when(day))


def test_without_a_worker_ingest_says_so_and_makes_no_topics(
    paytide: Callable[..., Result], bare: Settings, tmp_path: Path
) -> None:
    (tmp_path / "e.jsonl").write_text(json.dumps(out("x", at(0), 1)) + "\n", encoding="utf-8")
    for command in (("ingest", "e.jsonl"), ("simulate", "--accounts", "1", "--start", "2020-01-01")):
        shown = paytide(*command)
        assert shown.exit_code == 2, shown.output
        told = f"paytide: no worker runs in the group {GROUP} at {bare.kafka_bootstrap}: start 'paytide worker' with "
        assert shown.stderr.startswith(told)
        assert shown.stderr.count("\n") == 1
    assert topics.JOURNAL not in asyncio.run(_topics(bare)), "a worker has other settings for them, perhaps"


async def _topics(settings: Settings) -> list[str]:
    async with admin(settings) as client:
        found: list[str] = await client.list_topics()
        return found


def test_more_replicas_than_brokers_are_one_line(
    tmp_path_factory: pytest.TempPathFactory, paytide: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmbeddedKafka(tmp_path_factory.mktemp("single")) as single:
        monkeypatch.setenv("PAYTIDE_KAFKA_BOOTSTRAP", single.bootstrap)
        monkeypatch.setenv("PAYTIDE_REPLICATION_FACTOR", "3")
        for command in ("worker", "landing"):
            shown = paytide(command)
            assert shown.exit_code == 2, shown.output
            assert "set PAYTIDE_REPLICATION_FACTOR to at most the number of brokers" in shown.stderr
            assert shown.stderr.count("\n") == 1


async def test_the_journals_clock_is_found_however_far_back_its_last_tick_lies(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_clock, "FIRST_LOOK", 2)
    await tick(settings, 1, 3)
    async with JournalClock(settings) as journal:
        assert await journal.stands_at() == when(3)
        assert await journal.newest() is None, "nothing has been ticked since"
        await tick(settings, 4)
        assert await journal.newest() == when(4)
        assert await journal.newest() is None
    await ingest(settings, transfers(*range(-30, 0)), own_ticks=True)  # records behind the last tick
    async with JournalClock(settings) as journal:
        assert await journal.stands_at() == when(4)


async def test_a_reader_that_had_nothing_to_read_ends(settings: Settings) -> None:
    await tick(settings, 5)
    async with asyncio.timeout(60):
        for _ in range(20):
            async with JournalClock(settings) as journal:
                await journal.stands_at()
                assert await journal.newest() is None


async def test_what_begins_before_the_journals_clock_is_refused(settings: Settings) -> None:
    await tick(settings, 50)
    async with worker(settings):
        await prepare(settings, seen(49, 60))
        await prepare(settings, seen())
        told = f"clock stands at {format_instant(when(50))}, .* begins before {format_instant(when(48))}: all of it"
        with pytest.raises(IngestError, match=told):
            await prepare(settings, seen(47, 48))


async def test_a_clock_that_ticks_ahead_of_what_is_written_ends_it(settings: Settings) -> None:
    async def ticked_meanwhile() -> None:
        async with (
            ingesting.Ingest(settings, lines_per_tick=10, own_ticks=True) as run,
            safeguards.Watch(settings) as watch,
        ):
            for line in transfers(0):
                await run.write(line)
            await watch.check(run.done)
            await _tick_beside(settings, 0)
            await watch.check(run.done)
            await _tick_beside(settings, 90)
            await watch.check(run.done)

    with pytest.raises(
        IngestError, match=f"another clock has ticked at {format_instant(when(90))} .*TICK_SECONDS=0"
    ):
        await ticked_meanwhile()


async def _tick_beside(settings: Settings, day: int) -> None:
    # Another app's writer: it fences nobody.
    await tick(settings.model_copy(update={"app_id": "other"}), day)


async def test_a_clock_that_fences_ours_ends_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    write = ingesting.Ingest.write

    async def fenced(self: ingesting.Ingest, line: Line) -> None:
        await write(self, line)
        await tick(settings, 0)

    monkeypatch.setattr(ingesting.Ingest, "write", fenced)
    with pytest.raises(IngestError, match="another clock ticks in this service"):
        await ingest(settings, transfers(0), lines_per_tick=1_000)


async def test_a_posting_ahead_of_the_time_does_not_move_the_clock(settings: Settings) -> None:
    done = await ingest(settings, transfers(0, 20_000, 1))
    assert done.clock == when(1), "a clock that was moved on cannot be moved back"


async def test_a_tick_ahead_of_the_time_is_refused(settings: Settings) -> None:
    with pytest.raises(IngestError, match="lies in the future"):
        await ingest(settings, transfers(0), until=when(20_000))


async def ticked(settings: Settings) -> None:
    """Return once a clock has ticked."""
    await ensure_topics(settings)
    async with asyncio.timeout(60), JournalClock(settings) as journal:
        while await journal.newest() is None:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def test_a_worker_with_a_clock_of_its_own_is_named_and_nothing_is_lost_in_silence(tmp_path: Path) -> None:
    events = tmp_path / "e.jsonl"
    events.write_text("".join(json.dumps(out(f"x{n}", at(n), 1)) + "\n" for n in range(30)), encoding="utf-8")
    with LocalService(tmp_path / "service", PAYTIDE_TICK_SECONDS="0.2") as service:
        service.start_broker()
        service.start("worker")
        # Before its first tick nothing can be too late, and ingest may be done by then.
        asyncio.run(ticked(Settings(_env_file=None, kafka_bootstrap=service.env["PAYTIDE_KAFKA_BOOTSTRAP"])))
        shown = CliRunner(env=service.env).invoke(main, ["ingest", str(events)])
    assert shown.exit_code == 2, shown.output
    assert "PAYTIDE_TICK_SECONDS=0" in shown.stderr
    assert shown.stderr.count("\n") == 1, shown.stderr
