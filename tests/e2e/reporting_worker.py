"""Starts a process that tells what becomes of its partitions: ``python -m tests.e2e.reporting_worker worker``.

One JSON object a line, among the lines of its log (see :func:`told`): what the group gave it, what it took
away, up to where it held the changelog then, and how many records of it each recovery read.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from time import time
from typing import Any

from agents.cli import main
from agents.log.records import TP
from agents.log.topics import ACCOUNTS
from agents.recordset import table as tables
from agents.recordset.manager import Manager
from schemas import topics

_read: Counter[int] = Counter()
_tables: dict[str, tables.KeyedTable] = {}


def told(log: Path, what: str) -> list[dict[str, Any]]:
    """Everything a process told of a kind so far, oldest first."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return [one for line in lines if line.startswith('{"told"') and (one := json.loads(line))["told"] == what]


def _tell(what: str, **more: Any) -> None:
    print(json.dumps({"told": what, "at": time(), **more}), flush=True)


def _journal(tps: set[TP]) -> list[int]:
    return sorted(tp.partition for tp in tps if tp.topic == topics.JOURNAL)


def _is_of_accounts(changelog: TP) -> bool:
    return changelog.topic.endswith(f"-{ACCOUNTS}-changelog")


def _persisted(partitions: list[int]) -> dict[int, int | None]:
    return {one: _tables[ACCOUNTS].persisted_offset(TP("", one)) for one in partitions}


def _tell_of_partitions() -> None:
    assigned, revoked, recovered = Manager.on_assigned, Manager.on_revoked, Manager.on_recovered

    async def on_assigned(self: Manager, tps: set[TP]) -> None:
        await assigned(self, tps)
        _read.clear()
        _tell("assigned", partitions=_journal(tps), persisted=_persisted(_journal(tps)))

    async def on_revoked(self: Manager, tps: set[TP]) -> None:
        if partitions := _journal(tps & self.pipelines.keys()):
            _tell("revoked", partitions=partitions)
        await revoked(self, tps)

    async def on_recovered(self: Manager, changelogs: set[TP]) -> None:
        await recovered(self, changelogs)
        if partitions := sorted(tp.partition for tp in changelogs if _is_of_accounts(tp)):
            _tell("running", partitions=partitions, read={one: _read[one] for one in partitions})

    Manager.on_assigned = on_assigned  # type: ignore[method-assign]
    Manager.on_revoked = on_revoked  # type: ignore[method-assign]
    Manager.on_recovered = on_recovered  # type: ignore[method-assign]


def _count_changelog_records() -> None:
    init, apply = tables.KeyedTable.__init__, tables.KeyedTable.apply

    def known(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        _tables[self.name] = self

    def counted(self: Any, record_set: Any) -> None:
        if _is_of_accounts(record_set.tp):
            _read[record_set.tp.partition] += len(record_set.records)
        apply(self, record_set)

    tables.KeyedTable.__init__ = known  # type: ignore[method-assign]
    tables.KeyedTable.apply = counted  # type: ignore[method-assign]


if __name__ == "__main__":
    _tell_of_partitions()
    _count_changelog_records()
    main(sys.argv[1:])
