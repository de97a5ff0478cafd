"""murmur2 as the Java client computes it: producers in any language must come to the same partition."""

import pytest
from aiokafka.partitioner import murmur2

from agents.log.partitioner import partition_of

# From the Java client's own test, org.apache.kafka.common.utils.UtilsTest.testMurmur2.
VECTORS = {
    b"21": -973_932_308,
    b"foobar": -790_332_482,
    b"a-little-bit-long-string": -985_981_536,
    b"a-little-bit-longer-string": -1_486_304_829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58_897_971,
    b"abc": 479_470_107,
}


@pytest.mark.parametrize(("key", "expected"), VECTORS.items(), ids=lambda value: repr(value)[:16])
def test_a_key_hashes_as_in_the_java_client(key: bytes, expected: int) -> None:
    assert (murmur2(key) & 0xFFFFFFFF) == (expected & 0xFFFFFFFF), "as 32 bits, whatever the sign"


@pytest.mark.parametrize("partitions", [1, 2, 4, 12, 100, 1_000_003])
@pytest.mark.parametrize("key", VECTORS)
def test_a_partition_is_the_positive_hash_modulo_their_number(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == (VECTORS[key] & 0x7FFFFFFF) % partitions


def test_keys_that_are_not_text_and_the_empty_key_have_a_partition_too() -> None:
    assert all(0 <= partition_of(key, 7) < 7 for key in (b"", b"\x00", b"\xff" * 9, "账户".encode()))
