"""The router: type topics in, journal out, the bytes unchanged (J2)."""

import json
from typing import Any

import pytest

from agents.deadletters import TooManyDeadLettersError
from agents.log.partitioner import partition_of
from agents.log.records import TP
from agents.log.transaction import Write
from agents.ops.metrics import Metrics
from agents.router import Router
from schemas import topics
from streams.journal.eventsfile import Line

TRANSFERS = TP(topics.TRANSFERS, 2)
TRANSFER: dict[str, Any] = {
    "event_id": "e1",
    "account_id": "a1",
    "customer_id": "c1",
    "amount": 5,
    "currency": "CNY",
    "occurred_at": "2026-01-05T10:00:00+08:00",
    "direction": "out",
    "kind": "transfer",
    "channel": "mobile",
}
TASK_EVENT: dict[str, Any] = {
    "event_id": "e1",
    "account_id": "a1",
    "task_id": "t",
    "action": "claimed",
    "occurred_at": "2026-01-05T10:00:00+08:00",
}


def transfer(offset: int = 0, key: bytes | None = b"a1", headers: Any = (), **changes: Any) -> Line:
    value = json.dumps(TRANSFER | changes).encode()
    return record(value, offset, key, headers)


def record(value: bytes | None, offset: int = 0, key: bytes | None = b"a1", headers: Any = ()) -> Line:
    return Line(
        TRANSFERS.topic, key, value, headers, timestamp=0, partition=TRANSFERS.partition, offset=offset
    )


def router(
    tp: TP = TRANSFERS, partitions: int = 4, limit: int = 100, metrics: Metrics | None = None
) -> Router:
    return Router(tp, partitions, limit, metrics or Metrics())


def journal_of(account: bytes) -> TP:
    return TP(topics.JOURNAL, partition_of(account, 4))


def test_a_record_goes_to_its_accounts_partition_with_its_bytes_its_type_and_its_source() -> None:
    value = json.dumps(TRANSFER, indent=3).encode() + b"\n"
    [(target, [write])] = router().apply([record(value, offset=17)], 18).items()
    assert target == journal_of(b"a1")
    assert write == Write(b"a1", value, (("type", b"transfer"), ("source", b"payday.transfers.v1,2,17")))


def test_a_record_without_a_key_gets_its_accounts() -> None:
    [(target, [write])] = router().apply([transfer(key=None, account_id="b7")], 1).items()
    assert (target, write.key) == (journal_of(b"b7"), b"b7")


def test_headers_of_the_producer_do_not_pass_for_ours() -> None:
    forged = [("type", b"tick"), ("source", b"elsewhere,0,0"), ("ce_id", b"1")]
    [(_, [write])] = router().apply([transfer(headers=forged)], 1).items()
    assert write.headers == (("type", b"transfer"), ("source", b"payday.transfers.v1,2,0"))


def test_records_of_an_account_keep_their_order() -> None:
    accounts = [f"a{number % 7}" for number in range(50)]
    records = [
        transfer(number, name.encode(), account_id=name, event_id=f"{number:02}")
        for number, name in enumerate(accounts)
    ]
    writes = router().apply(records, 50)
    assert sum(map(len, writes.values())) == 50  # type: ignore[arg-type]
    for target, written in writes.items():
        ids = [json.loads(write.value or b"")["event_id"] for write in written]
        assert ids == sorted(ids), f"{target} is not in the order of the topic"
        assert all(journal_of(write.key or b"") == target for write in written)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record(None), b"null_value"),
        (record(b"{"), b"malformed"),
        (record(b"[]"), b"malformed"),
        (record(b" " * 65_537), b"too_large"),
        (transfer(amount=0), b"invalid"),
        (transfer(type="payroll_credit"), b"invalid"),
        (transfer(key=b"a2"), b"key_mismatch"),
        (transfer(key=b""), b"empty_key"),
    ],
)
def test_a_bad_record_is_a_dead_letter_that_names_its_source_and_its_reason(bad: Line, reason: bytes) -> None:
    writes = router().apply([transfer(0), bad, transfer(2)], 3)
    [letter] = writes[TP(topics.DEAD_LETTERS, 2)]
    assert (letter.key, letter.value) == (bad.key, bad.value), "the original bytes"
    headers = dict(letter.headers)
    assert headers["reason"] == reason
    assert (headers["topic"], headers["partition"]) == (b"payday.transfers.v1", b"2")
    assert len(list(writes[journal_of(b"a1")])) == 2, "what lies around it is routed"


def test_a_type_topic_with_more_partitions_than_the_journal_has_dead_letters_too() -> None:
    writes = router(TP(topics.TRANSFERS, 9), partitions=4).apply([record(b"{")], 1)
    assert set(writes) == {TP(topics.DEAD_LETTERS, 1)}


def test_each_type_topic_takes_its_own_type_only() -> None:
    value = json.dumps(TASK_EVENT).encode()
    [(target, [write])] = router(TP(topics.TASK_EVENTS, 0)).apply([record(value)], 1).items()
    assert (target, write.headers[0]) == (journal_of(b"a1"), ("type", b"task_event"))
    assert set(router().apply([record(value)], 1)) == {TP(topics.DEAD_LETTERS, 2)}


def test_control_records_alone_write_nothing_and_there_is_no_other_work() -> None:
    ours = router()
    assert (ours.apply([], 5), ours.has_work, ours.work(5)) == ({}, False, None)


def test_too_many_dead_letters_stop_it_before_they_are_written() -> None:
    ours = router(limit=3)
    ours.apply([record(b"{")] * 3, 3)
    with pytest.raises(TooManyDeadLettersError):
        ours.apply([record(b"{")], 4)


def test_dead_letters_are_counted_once_they_are_committed() -> None:
    metrics = Metrics()
    ours = router(metrics=metrics)

    def dead() -> float | None:
        return metrics.registry.get_sample_value(
            "paytide_dead_letters_total", {"topic": topics.TRANSFERS, "reason": "malformed"}
        )

    ours.apply([record(b"{"), record(b"{")], 2)
    assert dead() is None, "a transaction that fails is applied again, and would count twice"
    ours.committed({})
    assert dead() == 2
    where = {"topic": topics.TRANSFERS, "partition": "2"}
    assert metrics.registry.get_sample_value("paytide_position", where) == 2
