"""Which partitions get what a machine publishes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from agents.log.partitioner import partition_of
from agents.log.records import TP
from agents.log.transaction import Write
from schemas.groups import GROUPS
from schemas.topics import JOURNAL
from streams.fast.emitted import Published

KEYED: Final = frozenset({JOURNAL, GROUPS})
"""Logs that a machine folds: a key belongs to one partition of them."""


def routed(published: Iterable[Published], by: str, beside: int, partitions: int) -> Mapping[TP, list[Write]]:
    """What is published, by partition. ``by``: who says it, which a record of a keyed log names in a header, so that
    a replay can tell what a fold would say again; ``beside``: the partition that it comes from; ``partitions``: how many
    that log has, and so every other topic that is written to (checked at the start)."""
    writes: dict[TP, list[Write]] = defaultdict(list)
    headers = (("by", by.encode()),)
    for one in published:
        write = Write(one.key, one.to_json(), headers if one.topic in KEYED else ())
        for number in _numbers(one, write.key, beside, partitions):
            writes[TP(one.topic, number)].append(write)
    return writes


def _numbers(one: Published, key: bytes | None, beside: int, partitions: int) -> Iterable[int]:
    if one.to_all:
        return range(partitions)
    if one.addressed_to is not None:
        return (one.addressed_to,)
    if one.topic in KEYED:
        assert key is not None, f"a record of {one.topic} has a key, or says where it goes"
        return (partition_of(key, partitions),)
    return (beside,)
