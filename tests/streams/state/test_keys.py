"""Rows of the partition are no accounts, whatever a record's key says (J3)."""

import pytest

from streams.journal.accounts import Accounts
from streams.state.account import NEVER
from streams.state.keys import CONTROL, ROW_KEY, is_account
from tests.streams.builders import LARGE, Kept, record

OURS = CONTROL + b"playbook"


@pytest.mark.parametrize("key", [ROW_KEY, CONTROL, OURS])
def test_the_partitions_own_keys_are_no_accounts(key: bytes) -> None:
    assert not is_account(key)


@pytest.mark.parametrize("key", [b"a", b"0", "账户".encode(), b"a\x00"])
def test_other_keys_are_accounts(key: bytes) -> None:
    assert is_account(key)


def test_the_index_of_deadlines_passes_over_the_partitions_own_rows() -> None:
    accounts = Accounts({OURS: b"no account"})
    accounts.notice_due(NEVER - 1)
    assert accounts.backlog == 0


def test_a_record_cannot_touch_the_partitions_own_rows() -> None:
    kept = Kept()
    kept.table[OURS] = b"no account"
    line = record(LARGE[0] | {"key": OURS.decode()})
    for give in (kept.read, lambda one: kept.read_together([one])):
        give(line)
        outputs = kept.partition.take()
        assert [dead.rejection.reason for dead in outputs.dead] == ["key_mismatch"]
        assert outputs.changed == {}, "a record has overwritten a row of the partition"
