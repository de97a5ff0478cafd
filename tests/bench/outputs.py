"""The tasks that a contestant wrote, and those it had to write."""

import json
from collections import Counter
from typing import Any, NamedTuple

from agents.log.offsets import LogReader, committed, settled_ends
from agents.log.records import TP
from agents.log.topics import admin
from agents.settings import Settings
from schemas import topics
from tests.bench.task import State, apply, tasks_of

SHOWN = 3


class Task(NamedTuple):
    """What must be equal."""

    account_id: str
    cycle_payday: str
    version: int
    rule: str
    observed: int
    event_id: str


class Expected(NamedTuple):
    """One partition of the journal: the tasks of its events, each with the position after its event."""

    end: int
    tasks: list[tuple[int, Task]]

    def up_to(self, position: int) -> Counter[Task]:
        """The tasks of the events before a position."""
        return Counter(task for after, task in self.tasks if after <= position)


async def reference(settings: Settings) -> dict[TP, Expected]:
    """What the plain bench task makes of the journal, by partition."""
    expected: dict[TP, Expected] = {}
    async with LogReader(settings) as log:
        tps = await log.partitions(topics.JOURNAL)
        begins, ends = await log.begins(tps), await log.ends(tps)
        for tp in tps:
            states: dict[str, State | None] = {}
            expected[tp] = Expected(ends[tp], [])
            async for record_set in log.read(tp, begins[tp], ends[tp]):
                for record in record_set.records:
                    tasks = _step(states, json.loads(record.value))
                    expected[tp].tasks.extend((record.offset + 1, task) for task in tasks)
    return expected


def _step(states: dict[str, State | None], event: dict[str, Any]) -> list[Task]:
    if "account_id" not in event:
        return []
    account_id = event["account_id"]
    before = states.get(account_id)
    after, hits = apply(before, event)
    states[account_id] = after or before
    return [task_of(task) for task in tasks_of(after, hits, account_id)]


async def ends_of(settings: Settings, topic: str) -> dict[TP, int]:
    """Where a topic of tasks ends now."""
    async with LogReader(settings) as log:
        tps = await log.partitions(topic)
    return await settled_ends(settings, tps)


async def positions_of(settings: Settings, tps: list[TP]) -> dict[TP, int]:
    """What an app has committed."""
    async with admin(settings) as client:
        return await committed(client, settings.app_id, tps)


async def written(settings: Settings, begins: dict[TP, int]) -> Counter[Task]:
    """The tasks written since a topic ended at ``begins``, as a read_committed reader sees them."""
    tasks: Counter[Task] = Counter()
    told: dict[tuple[str, str], int] = {}
    ends = await settled_ends(settings, list(begins))
    async with LogReader(settings) as log:
        for tp, begin in begins.items():
            async for record_set in log.read(tp, begin, ends[tp]):
                for record in record_set.records:
                    tasks.update(tasks_in(json.loads(record.value), told))
    return tasks


def tasks_in(value: dict[str, Any], told: dict[tuple[str, str], int]) -> list[Task]:
    """The tasks of a record, a version for each rule as the bench task has it. The full service makes one version for
    all rules that an event meets, and lists every reason so far (T1); ``told``: how many, by account and payday."""
    if "reasons" not in value:
        return [task_of(value)]
    about = value["account_id"], value["cycle_payday"]
    before, told[about] = told.get(about, 0), len(value["reasons"])
    new = enumerate(value["reasons"][before:], before + 1)
    return [task_of(value | {"version": version, "reason": reason}) for version, reason in new]


def task_of(value: dict[str, Any]) -> Task:
    """A task as a contestant writes it: a version for each rule that is newly met."""
    reason = value["reason"]
    return Task(
        value["account_id"],
        value["cycle_payday"],
        value["version"],
        reason["rule"],
        reason["observed"],
        reason["event_id"],
    )


def check(
    name: str, seen: Counter[Task], least: Counter[Task], most: Counter[Task], exactly_once: bool
) -> None:
    """Raise ``ValueError`` unless what was seen holds all of ``least`` and nothing beyond ``most``; at
    least once: a task may come more than once."""
    if not exactly_once:
        seen, least, most = Counter(set(seen)), Counter(set(least)), Counter(set(most))
    if missing := least - seen:
        raise ValueError(f"{name}: {missing.total()} tasks are missing, such as {list(missing)[:SHOWN]}")
    if extra := seen - most:
        raise ValueError(f"{name}: {extra.total()} tasks too many, such as {list(extra)[:SHOWN]}")
