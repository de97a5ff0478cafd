"""The keys of a group's entries (A7)."""

from hypothesis import given
from hypothesis import strategies as st

from streams.groups import keys

groups = st.binary(max_size=12).map(lambda name: b"employer:" + name)
kinds = st.sampled_from([keys.HEAD, keys.PAYDAY, keys.MONTH, keys.WAITING, keys.WAITING_PAYDAY])
days = st.integers(0, 3_652_059)


@given(st.tuples(groups, kinds, days, days), st.tuples(groups, kinds, days, days))
def test_no_two_entries_share_a_key_whatever_the_employers_are_called(
    one: tuple[bytes, bytes, int, int], other: tuple[bytes, bytes, int, int]
) -> None:
    assert (keys.key_of(*one) == keys.key_of(*other)) == (one == other)


def test_an_id_that_looks_like_an_entry_of_another_group_is_not_one() -> None:
    entry = keys.key_of(b"employer:a", keys.HEAD)
    assert keys.key_of(entry, keys.HEAD) != entry
    assert keys.parts_of(keys.key_of(entry, keys.HEAD)) == (entry, keys.HEAD, 0)


@given(groups, kinds, days, days)
def test_a_key_tells_its_group_kind_and_day(group: bytes, kind: bytes, day: int, date: int) -> None:
    assert keys.parts_of(keys.key_of(group, kind, day, date)) == (group, kind, day)


def test_the_partition_s_own_entries_are_no_group_s() -> None:
    assert not keys.is_of_group(keys.WATERMARKS)
    assert keys.is_of_group(keys.key_of(b"employer:", keys.HEAD))
