"""A keyed machine's table: plain dictionaries of bytes, one per partition, recovered by Faust.

Faust's own tables send one changelog record per write, and per write look up, encode and track it.
Here the pipeline writes a whole record set's changes inside its transaction; the table only has to
hold what was committed, take changelog records back in at recovery, and tell from where.

Several tables share Faust's recovery, its queue and its mistakes: it may hand one of them a set of another's changelog,
and it tells all of them at once that they are recovered.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from faust.tables.table import Table
from faust.types import TP as FaustTP

from agents.errors import Stop
from agents.log.records import TP, RecordSet
from streams.state.keys import ROW_KEY
from streams.state.table import take_over

Contents = dict[bytes, bytes]

SETS_WAITING = 8
"""So many record sets of the changelogs, all together, may wait to be taken in, each as large as one fetch: Faust counts
4 096 messages, which would be gigabytes of them."""

Recovered = Callable[[set[TP]], Awaitable[None]]
"""Is told which partitions of a changelog are recovered."""


class ChangelogGapError(Stop):
    """The changelog was not handed over without a gap."""


class KeyedTable(Table):
    """A Faust table that is written by partition pipelines. ``changelog``: the topic's name."""

    def __init__(
        self, app: Any, *, on_recovered: Recovered, on_broken: Callable[[Exception], None], **kwargs: Any
    ) -> None:
        # A record set is a batch already: one that waits for others only takes memory. But not 1, which
        # to Faust means that the changelog is read on after recovery: every write would come back.
        super().__init__(app, recovery_buffer_size=2, **kwargs)
        self.changelog: str = self.changelog_topic.get_topic_name()
        self._contents: dict[int, Contents] = {}
        self._rows: dict[int, bytes] = {}
        self._offsets: dict[int, int] = {}
        self._gone: set[int] = set()
        self._on_recovered = on_recovered
        self._on_broken = on_broken

    @property
    def is_full(self) -> bool:
        """Whether fetching changelogs must pause until recovery has caught up: they wait in one queue."""
        return bool(self.app.tables.changelog_queue.qsize() >= SETS_WAITING)

    def contents(self, partition: int) -> Contents:
        """What is committed of a partition: key → value. The caller may change it after a commit."""
        return self._contents.setdefault(partition, {})

    def row(self, partition: int) -> bytes | None:
        """The partition's own row as committed, None if there is none yet."""
        return self._rows.get(partition)

    def merge(self, partition: int, changed: Mapping[bytes, bytes | None], row: bytes) -> None:
        """Take committed changes over; None removes a key."""
        take_over(self.contents(partition), changed)
        self._rows[partition] = row

    def note_committed(self, partition: int, offset: int) -> None:
        """The changelog offset up to which the contents hold; a retained partition is recovered from here."""
        self._offsets[partition] = offset

    def forget(self, partition: int) -> None:
        """Throw a partition's contents away, so that the next recovery starts from nothing."""
        self._contents.pop(partition, None)
        self._rows.pop(partition, None)
        self._offsets.pop(partition, None)

    def persisted_offset(self, tp: FaustTP) -> int | None:
        """Where Faust's recovery has to start, exclusive; None: from the beginning."""
        return self._offsets.get(tp.partition)

    def apply_changelog_batch(self, batch: Iterable[Any]) -> None:
        """Take record sets of the changelog in. Faust would log an exception of ours and go on with a
        hole in the state, so it is reported on a second way that stops the worker."""
        try:
            for event in batch:
                self.apply(event.value)
        except Exception as error:
            self._on_broken(error)
            raise

    def apply(self, record_set: RecordSet) -> None:
        """Take one record set of the changelog in. Raises ``ChangelogGapError``."""
        topic, partition = record_set.tp
        if topic != self.changelog:
            return  # of a partition that has gone: Faust then takes the table of the set before
        if partition in self._gone:
            return  # fetched before it went
        known = self._offsets.get(partition)
        if known is not None and record_set.start > known + 1:
            raise ChangelogGapError(
                f"{topic}-{partition} was read up to {known}, then from {record_set.start} on: "
                "the state would have a hole. Start the worker again, which reads it anew"
            )
        contents = self.contents(partition)
        for record in record_set.records:
            key, value = record.key or ROW_KEY, record.value
            if value is None:
                contents.pop(key, None)
            elif key == ROW_KEY:
                self._rows[partition] = value
            else:
                contents[key] = value
        self._offsets[partition] = record_set.end - 1

    async def on_rebalance(
        self,
        assigned: set[FaustTP],
        revoked: set[FaustTP],
        newly_assigned: set[FaustTP],
        generation_id: int = 0,
    ) -> None:
        """Forget what is neither ours nor a standby here any more: it would take memory, and once the changelog's
        tombstones are compacted away it could not be brought up to date again."""
        for tp in revoked:
            if tp.topic == self.changelog:
                self.forget(tp.partition)
                self._gone.add(tp.partition)
        for tp in revoked | newly_assigned:
            if tp.topic == self.changelog and tp.partition not in self._offsets:
                # Faust does so too, but not if it has been overtaken by the next rebalance: it would
                # then recover from the middle.
                self.app.tables.recovery.revoke(tp)
        self._gone -= {tp.partition for tp in assigned if tp.topic == self.changelog}
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)

    async def on_recovery_completed(self, active_tps: set[FaustTP], standby_tps: set[FaustTP]) -> None:
        """Hand the recovered partitions over."""
        await super().on_recovery_completed(active_tps, standby_tps)
        await self._on_recovered({TP(*tp) for tp in active_tps if tp.topic == self.changelog})
