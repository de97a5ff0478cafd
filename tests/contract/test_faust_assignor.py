"""What the runtime takes for granted of Faust's assignor: all logs and changelogs go together."""

from types import SimpleNamespace
from typing import Any

import pytest

from agents.app import add_table
from agents.hosting import bare_app, manager_of
from agents.recordset.consumer import Hooks
from agents.settings import Settings
from tests.agents.recordset.builders import Silent

LOGS = {"journal": "app-accounts-changelog", "groups": "app-groups-changelog"}
TOPICS = {*LOGS, *LOGS.values()}
FOUR = {0, 1, 2, 3}
CLUSTER: Any = SimpleNamespace(partitions_for_topic=lambda _topic: FOUR)


def worker(name: str) -> Any:
    """An app with the tables of both logs; its assignor."""
    settings, hooks = Settings(_env_file=None, instance_id=name), Hooks()
    app = bare_app(settings, "app", hooks)
    manager = manager_of(app, settings, "app", hooks, Silent())
    for table in ("accounts", "groups"):
        add_table(app, hooks, manager, settings, table)
    return app.assignor


def assign(*names: str) -> dict[str, Any]:
    """The assignors of some workers after one of them has assigned the partitions."""
    assignors = {name: worker(name) for name in names}
    given = assignors[names[0]].assign(
        CLUSTER, {name: one.metadata(TOPICS) for name, one in assignors.items()}
    )
    for name, one in assignors.items():
        one.on_assignment(given[name])
    return assignors


@pytest.mark.parametrize("names", [("a",), ("a", "b"), ("a", "b", "c")], ids=len)
async def test_a_worker_has_of_every_log_and_changelog_the_same_partitions(names: tuple[str, ...]) -> None:
    held: set[int] = set()
    for assignor in assign(*names).values():
        actives = {
            topic: {tp.partition for tp in assignor.assigned_actives() if tp.topic == topic}
            for topic in TOPICS
        }
        [same] = {frozenset(partitions) for partitions in actives.values()}
        assert not held & same, "a partition runs twice"
        held |= same
    assert held == FOUR


async def test_another_worker_follows_the_changelog_of_every_log() -> None:
    first, second = assign("a", "b").values()
    for changelog in LOGS.values():
        active = {tp for tp in first.assigned_actives() if tp.topic == changelog}
        standby = {tp for tp in second.assigned_standbys() if tp.topic == changelog}
        assert active == standby
