"""Contestants as processes of a service, and the topics they need."""

import asyncio
import os
import subprocess
from pathlib import Path

from aiokafka.admin import NewTopic

from agents.embedded.local import LocalService
from agents.log.topics import admin
from agents.settings import Settings
from schemas import topics
from tests.bench.contestants import Contestant
from tests.bench.task import tasks_topic


def start(service: LocalService, contestant: Contestant, settings: Settings) -> int:
    """Start a contestant as an app; its name is the process's. Returns the process id."""
    home = service.home / settings.app_id
    home.mkdir()
    env = {
        "PAYTIDE_APP_ID": settings.app_id,
        "BENCH_APP_ID": settings.app_id,
        "BENCH_BOOTSTRAP": settings.kafka_bootstrap,
        "BENCH_PARTITIONS": str(settings.partitions),
        "BENCH_SOURCE": topics.JOURNAL,
        "BENCH_TASKS": tasks_topic(settings.app_id),
        "BENCH_HOME": str(home),
        **contestant.env,
    }
    with (service.home / f"{contestant.name}.log").open("ab") as log:
        process = service.processes[contestant.name] = subprocess.Popen(
            contestant.command(),
            cwd=Path(__file__).parents[2],
            env={**os.environ, **service.env, **env},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return process.pid


def make_topic(settings: Settings, name: str) -> None:
    """Make a topic with as many partitions as the journal; no matter if it is there."""

    async def make() -> None:
        async with admin(settings) as client:
            await client.create_topics([NewTopic(name, settings.partitions, 1)])

    asyncio.run(make())


def remove_topics(settings: Settings) -> None:
    """Remove what an app has made, so that the broker does not fill the disk."""

    async def remove() -> None:
        async with admin(settings) as client:
            own = (f"{settings.app_id}-", f"changelog__{settings.app_id}-")
            await client.delete_topics([name for name in await client.list_topics() if name.startswith(own)])

    asyncio.run(remove())
