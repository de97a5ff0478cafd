"""The wiring of the worker: ``create_app(settings)``; the landing's is in ``landing``."""

from typing import NamedTuple

import faust

from agents.clock import Clock
from agents.coordinator import GroupsSource
from agents.detector import JournalSource
from agents.hosting import RecordSetSchema, add_agent, add_health, bare_app, crash_soon, crashing, manager_of
from agents.log.records import TP
from agents.log.topics import ACCOUNTS, GROUPS_TABLE, changelog_topic
from agents.lookahead import FirstPlaybooks
from agents.ops.health import Health
from agents.ops.metrics import Metrics
from agents.playbooks import load_playbook
from agents.recordset.consumer import Hooks
from agents.recordset.manager import Manager
from agents.recordset.table import KeyedTable
from agents.router import TypeTopicSource
from agents.settings import Settings
from schemas import topics
from schemas.groups import GROUPS
from streams.groups.rules import GroupRules
from streams.playbook.rules import Rules


class Wired(NamedTuple):
    """An app and the parts a caller may want to look at."""

    app: faust.App
    manager: Manager
    metrics: Metrics
    health: Health


def create_app(settings: Settings) -> Wired:
    """The worker: router, detector, coordinator, clock. Rules come from the playbook of the settings."""
    book = load_playbook(settings.playbook, settings.timezone)
    rules, group_rules = Rules.of(book), GroupRules.of(book)
    hooks, metrics = Hooks(), Metrics()
    app = bare_app(settings, settings.app_id, hooks)
    manager = manager_of(app, settings, settings.app_id, hooks, metrics)
    accounts = add_table(app, hooks, manager, settings)
    playbooks = FirstPlaybooks(settings, book, lambda: accounts.contents(0))
    manager.add(JournalSource(settings, accounts, lambda: rules, metrics, playbooks))
    add_agent(app, manager, "detector", topics.JOURNAL)
    groups = add_table(app, hooks, manager, settings, GROUPS_TABLE)
    manager.add(GroupsSource(settings, groups, lambda: group_rules, metrics, playbooks))
    add_agent(app, manager, "coordinator", GROUPS)
    add_router(app, manager, settings, metrics)
    if settings.tick_seconds:
        _add_clock(app, manager, settings)
    health = add_health(
        app,
        settings,
        lambda: {tp: pipeline.committed_position for tp, pipeline in manager.pipelines.items()},
        lambda: playbooks.waits_for,
    )
    return Wired(app, manager, metrics, health)


def add_table(
    app: faust.App, hooks: Hooks, manager: Manager, settings: Settings, name: str = ACCOUNTS
) -> KeyedTable:
    """A keyed machine's table, which starts its pipelines once it is recovered."""
    changelog = changelog_topic(settings.app_id, name)
    table = KeyedTable(
        app,
        name=name,
        on_recovered=manager.on_recovered,
        on_broken=lambda error: crash_soon(app, error),
        changelog_topic=app.topic(changelog, schema=RecordSetSchema(), acks=False),
        partitions=settings.partitions,
    )
    app.tables.add(table)
    input_is_full = hooks.is_full
    hooks.is_full = lambda tp: table.is_full if tp.topic == changelog else input_is_full(tp)
    return table


def add_router(app: faust.App, manager: Manager, settings: Settings, metrics: Metrics) -> None:
    """The agent of the type topics, and its pipelines."""
    for topic in topics.TYPE_TOPICS:
        manager.add(TypeTopicSource(topic, settings, metrics))
    add_agent(app, manager, "router", *topics.TYPE_TOPICS)


def _add_clock(app: faust.App, manager: Manager, settings: Settings) -> None:
    clock = Clock(settings, lambda: TP(topics.JOURNAL, 0) in manager.pipelines)

    @app.task
    async def tick() -> None:
        await crashing(app, clock.run)()
