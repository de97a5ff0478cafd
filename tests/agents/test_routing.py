"""Where what a machine publishes goes."""

from typing import NamedTuple

from agents.log.partitioner import partition_of
from agents.log.records import TP
from agents.routing import routed
from schemas import topics
from schemas.groups import GROUPS

FOUR = 4


class Said(NamedTuple):
    """Something published."""

    topic: str
    key: bytes | None = b"k"
    addressed_to: int | None = None
    to_all: bool = False
    counted_as: str = "x"

    def to_json(self) -> bytes:
        return b"{}"


def places(*said: Said, beside: int = 2) -> dict[TP, int]:
    """How many records each partition gets."""
    return {tp: len(writes) for tp, writes in routed(said, "detector", beside, FOUR).items()}


def test_what_subscribers_read_goes_where_it_comes_from_whatever_its_key() -> None:
    for topic in (topics.FACTS, topics.INTERVENTIONS):
        for key in (b"k", b"another", None):
            assert places(Said(topic, key)) == {TP(topic, 2): 1}


def test_a_record_of_a_keyed_log_goes_to_the_partition_of_its_key() -> None:
    for topic in (topics.JOURNAL, GROUPS):
        for number in range(20):
            key = b"employer:%d" % number
            assert places(Said(topic, key)) == {TP(topic, partition_of(key, FOUR)): 1}


def test_what_is_addressed_goes_there_and_nowhere_else() -> None:
    assert places(Said(topics.JOURNAL, None, addressed_to=0)) == {TP(topics.JOURNAL, 0): 1}


def test_what_goes_to_all_is_in_every_partition_once() -> None:
    assert places(Said(GROUPS, None, to_all=True)) == {TP(GROUPS, number): 1 for number in range(FOUR)}


def test_a_partition_gets_its_records_in_the_order_in_which_they_were_said() -> None:
    said = [Said(GROUPS, b"a"), Said(GROUPS, None, to_all=True), Said(GROUPS, b"a")]
    writes = routed(said, "detector", 2, FOUR)[TP(GROUPS, partition_of(b"a", FOUR))]
    assert [write.key for write in writes] == [b"a", None, b"a"], (
        "a watermark would be behind what it promises, or ahead of it"
    )


def test_a_record_of_a_keyed_log_says_whose_it_is_and_what_subscribers_read_does_not() -> None:
    writes = routed([Said(GROUPS), Said(topics.FACTS)], "detector", 2, FOUR)
    [told], [fact] = (writes[tp] for tp in sorted(writes, reverse=True))
    assert told.headers == (("by", b"detector"),), "a replay cannot tell what it would say itself"
    assert fact.headers == ()
