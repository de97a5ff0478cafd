"""Records of the groups log, and a partition of it with its table."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.instant import from_datetime
from schemas.playbook import Accounting, Bank, Playbook
from streams.groups.partition import GroupsPartition
from streams.groups.rules import GroupRules
from streams.groups.statements import Statement
from streams.journal.ahead import look_ahead
from streams.journal.books import PartitionRow
from streams.journal.eventsfile import Line
from streams.journal.outputs import DeadRecord
from streams.journal.row import decode_row, encode_row
from tests.streams.builders import store

Record = dict[str, Any]
SHANGHAI = "Asia/Shanghai"
PLAYBOOK = {"name": "default", "version": 1}


def rules(zone: str = SHANGHAI, merge_days: int = 3) -> GroupRules:
    return GroupRules.of(Playbook(bank=Bank(timezone=zone), accounting=Accounting(merge_days=merge_days)))


def playbook(version: int, since: datetime, zone: str = SHANGHAI, merge_days: int = 3) -> Record:
    """A playbook that is published, in force from an instant on."""
    book = Playbook(version=version, bank=Bank(timezone=zone), accounting=Accounting(merge_days=merge_days))
    return {
        "type": "playbook",
        "schema": 1,
        "from": since.isoformat(),
        "playbook": book.model_dump(mode="json"),
    }


def local(text: str, zone: str = SHANGHAI) -> datetime:
    """``2026-03-05 10:00`` → that local moment."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def paid(
    at: datetime,
    payday: str | None,
    *,
    was: str | None = None,
    count: int = 1,
    amount: int = 1_000_000,
    employer: str = "e",
    partition: int = 0,
    previous: str | None = None,
) -> Record:
    """``count`` accounts whose payday became ``payday``, each paid ``amount``."""
    on = {"amount": count * amount}
    return {
        "type": "paid",
        "employer_id": employer,
        "at": at.isoformat(),
        "partition": partition,
        "was": None if was is None else {"payday": was} | on,
        "now": None if payday is None else {"payday": payday} | on,
        "previous": previous,
        "count": count,
    }


def closed(at: datetime, payday: str, *, count: int = 1, employer: str = "e", **more: Any) -> Record:
    """``count`` loyal cycles that closed, of each 1 000 000 paid and 900 000 kept."""
    base = {
        "type": "closed",
        "employer_id": employer,
        "at": at.isoformat(),
        "partition": 0,
        "payday": payday,
        "class": "loyal",
        "pay": count * 1_000_000,
        "kept": count * 900_000,
        "moved_out": count * 100_000,
        "newly_mover": False,
        "product_count": None,
        "count": count,
    }
    return base | more


def watermark(instant: datetime, partition: int = 0, partitions: int = 1) -> Record:
    """Nothing earlier follows from a journal partition."""
    return {
        "type": "watermark",
        "partition": partition,
        "partitions": partitions,
        "instant": instant.isoformat(),
        "closed": 0,
        "newly_moved": 0,
    }


def line(record: Record, timestamp: int | None = None) -> Line:
    """A record as it stands in the log; ``timestamp``: when the log took it, milliseconds."""
    employer = record.get("employer_id")
    key = None if employer is None else f"employer:{employer}".encode()
    return Line("payday.groups.v1", key, json.dumps(record).encode(), (), timestamp)


class Kept:
    """A partition and its table: outputs are collected and changes stored, as the coordinator does. ``ahead``: what its
    log holds, where the first playbook is looked for."""

    def __init__(self, by: GroupRules | None = None, *, ahead: Sequence[Record] = (), **more: Any) -> None:
        def make(row: PartitionRow) -> GroupsPartition:
            partition = GroupsPartition(by or rules(), self.table, row, **more)
            look_ahead(map(line, ahead), partition.foresee)
            return partition

        self._make: Callable[[PartitionRow], GroupsPartition] = make
        self.table: dict[bytes, bytes] = {}
        self.emitted: list[Statement] = []
        self.dead: list[DeadRecord] = []
        self.partition = self._make(PartitionRow())

    def read(self, *records: Record | Line) -> "Kept":
        """Apply records, and make all decisions that are due."""
        return self.read_only(*records).work()

    def read_only(self, *records: Record | Line) -> "Kept":
        """Apply records, and leave decisions for later."""
        self.partition.read_all([one if isinstance(one, Line) else line(one) for one in records])
        return self

    def work(self) -> "Kept":
        """Make all decisions that are due, in as many transactions as they need."""
        while self.partition.backlog:
            self.partition.work(self.partition.backlog)
            self.take()
        return self

    def take(self) -> "Kept":
        """Store what has changed."""
        outputs = self.partition.take()
        self.emitted += outputs.emitted
        self.dead += outputs.dead
        store(self.table, outputs.changed)
        return self

    def restart(self) -> "Kept":
        """Go on from the stored bytes alone, as after a crash."""
        self.partition = self._make(decode_row(encode_row(self.take().partition.row)))
        return self

    def go_on(self, row: PartitionRow) -> "Kept":
        """Go on from what the table holds, where ``row`` stands."""
        self.partition = self._make(row)
        return self

    def until(self, moment: datetime) -> "Kept":
        """The clock moves on, and all that is due is decided."""
        self.partition.advance(from_datetime(moment))
        return self.work()

    @property
    def facts(self) -> list[Record]:
        """What is to be landed, in order."""
        self.take()
        return [json.loads(one.to_json()) for one in self.emitted if one.topic == "payday.facts.v1"]

    @property
    def answers(self) -> list[tuple[int | None, Record]]:
        """What goes to the journal, in order, with its partition."""
        self.take()
        return [
            (one.addressed_to, json.loads(one.to_json()))
            for one in self.emitted
            if one.topic == "payday.journal.v1"
        ]

    @property
    def outcome(self) -> tuple[Any, ...]:
        """All that may not depend on how the log came about: outputs in order, state, books."""
        self.take()
        said = [(one.topic, one.key, one.addressed_to, one.to_json()) for one in self.emitted]
        return said, self.table, self.partition.row, [one.rejection for one in self.dead]


def of(words: Iterable[Record], employer: str) -> list[Record]:
    """Those about one employer."""
    return [one for one in words if one["employer_id"] == employer]
