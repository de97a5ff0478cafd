"""The service in a few lines: logs that are lists, machines that read them whenever the test says so.

Written from A1 to A4 alone, so that it can be held against the backtest: nothing stops at an instant here, and who
reads when is drawn.
"""

from collections.abc import Callable, Sequence
from typing import Any

from agents.log.partitioner import partition_of
from schemas.groups import GROUPS
from schemas.topics import JOURNAL
from streams.fast.emitted import Published
from streams.groups.partition import GroupsPartition
from streams.groups.rules import GroupRules
from streams.journal.books import PartitionRow
from streams.journal.eventsfile import Line
from streams.journal.partition import Partition
from streams.playbook.rules import Rules
from tests.reference.lines import at, credit, tick
from tests.streams.builders import SHIPPED, at_account, record, store


class Machine:
    """Folds one partition of a log. ``make``: its fold over a table; ``name``: of its machine."""

    def __init__(self, name: str, log: list[Line], make: Callable[[dict[bytes, bytes]], Any]) -> None:
        self.name = name
        self.log = log
        self.table: dict[bytes, bytes] = {}
        self.fold = make(self.table)
        self.position = 0

    def run(self, records: int, budget: int) -> list[Published]:
        """One transaction: so many records, and so many deadlines."""
        end = min(len(self.log), self.position + records)
        self.fold.read_all(self.log[self.position : end])
        self.position = end
        self.fold.work(budget)
        outputs = self.fold.take(end)
        refused = [one for one in outputs.dead if not one.rejection.detail.startswith("playbook.")]
        assert not (refused and self.name == "coordinator"), "our own record was refused"
        store(self.table, outputs.changed)
        return list(outputs.emitted)

    @property
    def is_idle(self) -> bool:
        return self.position == len(self.log) and not self.fold.backlog


class Service:
    """Both logs, of as many partitions each, and the machines on them."""

    def __init__(self, rules: Rules, partitions: int) -> None:
        self.count = partitions
        self.logs: dict[str, list[list[Line]]] = {
            topic: [[] for _ in range(partitions)] for topic in (JOURNAL, GROUPS)
        }
        self.out: list[Published] = []
        self.detectors = [self._detector(rules, number) for number in range(partitions)]
        self.coordinators = [self._coordinator(rules, number) for number in range(partitions)]

    def produce(self, line: Line) -> None:
        """A line of a file, as a producer, the clock or a broadcast writes it."""
        if line.key:
            self._append(JOURNAL, partition_of(line.key, self.count), line.key, line.value, ())
            return
        is_broadcast = any(
            f'"type": "{kind}"'.encode() in line.value for kind in ("playbook", "calendar", "live")
        )
        for topic in (JOURNAL, GROUPS) if is_broadcast else (JOURNAL,):
            for number in range(self.count):
                self._append(topic, number, None, line.value, ())

    def run(self, machine: Machine, records: int = 10**6, budget: int = 10**6) -> None:
        """A transaction of a machine, and what it publishes."""
        for one in machine.run(records, budget):
            if one.topic not in self.logs:
                self.out.append(one)
                continue
            for number in self._places(one):
                self._append(one.topic, number, one.key, one.to_json(), (("by", machine.name.encode()),))

    def run_all(self) -> None:
        """Until nobody has anything to do."""
        machines = [*self.detectors, *self.coordinators]
        while not all(machine.is_idle for machine in machines):
            for machine in machines:
                self.run(machine)

    def exported(self, topic: str) -> list[Line]:
        """A log, partition after partition."""
        return [line for log in self.logs[topic] for line in log]

    def _places(self, one: Published) -> Sequence[int]:
        if one.to_all:
            return range(self.count)
        if one.addressed_to is not None:
            return [one.addressed_to]
        assert one.key is not None, "a record of a log has a key or says where it goes"
        return [partition_of(one.key, self.count)]

    def _append(self, topic: str, number: int, key: bytes | None, value: Any, headers: Any) -> None:
        log = self.logs[topic][number]
        log.append(Line(topic, key, value, headers, partition=number, partitions=self.count, offset=len(log)))

    def _detector(self, rules: Rules, number: int) -> Machine:
        def make(table: dict[bytes, bytes]) -> Partition:
            return Partition(rules, table, PartitionRow(), number=number, partitions=self.count)

        return Machine("detector", self.logs[JOURNAL][number], make)

    def _coordinator(self, rules: Rules, number: int) -> Machine:
        def make(table: dict[bytes, bytes]) -> GroupsPartition:
            return GroupsPartition(GroupRules.of(rules.book), table, PartitionRow())

        return Machine("coordinator", self.logs[GROUPS][number], make)


def paid_monthly(times: int) -> Service:
    """What a service made of two accounts of one employer, paid so many times 30 days apart."""
    service = Service(SHIPPED, 1)
    for day in range(0, 30 * times, 30):
        service.produce(record(tick(at(day, 9))))
        for account in "ab":
            service.produce(record(at_account(credit(f"{account}{day}", at(day, 9), 1_000_000), account)))
        service.run_all()
    service.produce(record(tick(at(30 * times))))
    service.run_all()
    return service
