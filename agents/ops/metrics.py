"""Every metric of the service, and why it is there. Seconds and totals; no personal data in labels."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from agents.log.records import TP
from schemas import topics
from streams.accounting import hot
from streams.fast.emitted import Published
from streams.journal.books import Books

SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.records = self._counter("records_read", "Records read, by topic.", "topic")
        self.applied = self._counter(
            "records_applied", "Records applied: the left side of the books.", "topic"
        )
        self.duplicates = self._counter(
            "records_duplicate", "Records whose event was already there.", "topic"
        )
        self.dead = self._counter("dead_letters", "Records refused; alert on its rate.", "topic", "reason")
        self.skipped = self._counter("records_skipped", "Records fetched twice, not applied twice.", "topic")
        self.missed = self._counter(
            "records_missed", "Offsets that were deleted before the group first read the topic.", "topic"
        )
        self.tasks = self._counter("tasks", "Task versions written.", "kind")
        self.facts = self._counter("facts", "Facts written.", "fact")
        self.exchanged = self._counter(
            "exchanged", "Records that the logs wrote to each other.", "topic", "kind"
        )
        self.hot_accounts = self._counter(
            "hot_accounts",
            "Accounts with more postings waiting than may, once a day each; alert on its rate.",
        )
        self.rows = self._counter("landed_rows", "Rows inserted into ClickHouse.", "table")
        self.set_aside = self._counter(
            "set_aside",
            "Records that could not be landed, see table set_aside; must be 0.",
            "topic",
            "reason",
        )
        self.landing_failures = self._counter("landing_failures", "Inserts that failed and are retried.")
        self.commit_seconds = Histogram(
            "paytide_transaction_seconds",
            "From the first write of a record set to its commit.",
            ["topic"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.set_records = Histogram(
            "paytide_record_set_records",
            "Records a transaction applied: it grows with the load by itself.",
            ["topic"],
            buckets=(1, 10, 100, 500, 1_000, 2_000, 5_000),
            registry=self.registry,
        )
        self.clock = self._gauge(
            "clock_seconds", "The clock of a log's partition; alert if it stands.", "topic", "partition"
        )
        self.position = self._gauge("position", "Input position committed.", "topic", "partition")
        self.accounts = self._gauge("accounts", "Accounts held.", "partition")
        self.playbook_differs = self._gauge(
            "playbook_differs",
            "1 where this worker was given another playbook than the log holds; the log's decides.",
        )
        self.books = self._gauge(
            "books_off", "Records unaccounted for since the log began; must be 0.", "topic", "partition"
        )
        self.backlog = self._gauge(
            "due_entries",
            "Accounts, or groups, with deadlines that the clock has passed.",
            "topic",
            "partition",
        )

    def on_commit(self, tp: TP, records: int, seconds: float, skipped: int) -> None:
        """A transaction was committed."""
        if skipped:
            self.skipped.labels(tp.topic).inc(skipped)
        self.commit_seconds.labels(tp.topic).observe(seconds)
        if records:
            self.set_records.labels(tp.topic).observe(records)
            self.records.labels(tp.topic).inc(records)

    def on_missed(self, tp: TP, offsets: int) -> None:
        """A log begins so many offsets behind where its first reader would have begun."""
        self.missed.labels(tp.topic).inc(offsets)

    def on_revoked(self, tp: TP) -> None:
        """A partition went: its figures are its new owner's to tell."""
        if tp.topic == topics.JOURNAL:
            self.accounts.remove_by_labels({"partition": str(tp.partition)})
        for gauge in (self.clock, self.books, self.backlog, self.position):
            gauge.remove_by_labels({"topic": tp.topic, "partition": str(tp.partition)})

    def on_emitted(self, emitted: Iterable[Published]) -> None:
        """So much was written to the topics out."""
        for (topic, kind), count in Tally([(one.topic, one.counted_as) for one in emitted]).items():
            if topic == topics.INTERVENTIONS:
                self.tasks.labels(kind).inc(count)
            elif topic == topics.FACTS:
                self.facts.labels(kind).inc(count)
            else:
                self.exchanged.labels(topic, kind).inc(count)
            if kind == hot.KIND:
                self.hot_accounts.inc(count)

    def on_books(self, tp: TP, before: Books, after: Books) -> None:
        """The books of a log's partition moved on."""
        self.applied.labels(tp.topic).inc(after.applied - before.applied)
        self.duplicates.labels(tp.topic).inc(after.duplicate - before.duplicate)
        for reason, count in after.dead.items():
            if (more := count - before.dead.get(reason, 0)) > 0:
                self.dead.labels(tp.topic, reason).inc(more)
        off = after.read - after.applied - after.duplicate - sum(after.dead.values())
        self.books.labels(*tp).set(off)

    def _counter(self, name: str, why: str, *labels: str) -> Counter:
        return Counter(f"paytide_{name}", why, labels, registry=self.registry)

    def _gauge(self, name: str, why: str, *labels: str) -> Gauge:
        return Gauge(f"paytide_{name}", why, labels, registry=self.registry)
