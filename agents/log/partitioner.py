"""Which partition a key belongs to: murmur2, the Java client's default (J2)."""

from aiokafka.partitioner import murmur2


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, 0 to ``partitions`` − 1."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
