"""What a partition of the groups log refuses, and why (A1, A4)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from schemas.dead import Reason
from streams.journal.eventsfile import Line
from tests.streams.groups.builders import Kept, closed, line, local, paid, watermark

PAYDAY = "2026-03-05"
MORNING = local("2026-03-05 10:00")


@pytest.mark.parametrize(
    ("record", "reason", "detail"),
    [
        (paid(MORNING, None), Reason.INVALID, "was, now"),
        (paid(MORNING, "2025-11-24"), Reason.INVALID, "payday"),
        (paid(MORNING, "2026-03-07"), Reason.INVALID, "payday"),
        (paid(MORNING, PAYDAY, was="2025-11-24"), Reason.INVALID, "payday"),
        (paid(MORNING, PAYDAY, previous=PAYDAY), Reason.INVALID, "previous"),
        (closed(MORNING, PAYDAY, kept=1_000_001), Reason.INVALID, "kept"),
        (paid(MORNING, PAYDAY, partition=1), Reason.INVALID, "partition"),
        (watermark(MORNING, 1, 1), Reason.INVALID, "partition"),
        (watermark(MORNING, 0, 3), Reason.INVALID, "partitions"),
        (paid(local("2026-03-05 08:59"), PAYDAY), Reason.TOO_LATE, "at"),
        ({"type": "task_event", "employer_id": "e"}, Reason.UNKNOWN_TYPE, "type"),
    ],
)
def test_what_contradicts_itself_or_the_log_is_bad_input(record: Any, reason: Reason, detail: str) -> None:
    kept = Kept().read(watermark(local("2026-03-05 09:00")), record).take()
    [dead] = kept.dead
    assert (dead.place, dead.rejection.reason) == (1, reason)
    assert dead.rejection.detail.startswith(detail)
    assert kept.partition.row.books.balanced


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (None, Reason.EMPTY_KEY),
        (b"", Reason.EMPTY_KEY),
        (b"e", Reason.KEY_MISMATCH),
        (b"\xff", Reason.KEY_MISMATCH),
    ],
)
def test_the_key_is_the_employer_s_group(key: bytes | None, reason: Reason) -> None:
    record = Line("t", key, json.dumps(paid(MORNING, PAYDAY)).encode(), (), None)
    assert [dead.rejection.reason for dead in Kept().read(record).take().dead] == [reason]


def test_a_watermark_has_no_key() -> None:
    record = Line("t", b"employer:e", json.dumps(watermark(MORNING)).encode(), (), None)
    kept = Kept().read(record).take()
    assert [dead.rejection.reason for dead in kept.dead] == [Reason.KEY_MISMATCH]
    assert kept.partition.clock is None


def test_a_group_of_another_partition_is_refused() -> None:
    kept = Kept(is_ours=lambda key: key != b"employer:e").read(paid(MORNING, PAYDAY)).take()
    assert [dead.rejection.reason for dead in kept.dead] == [Reason.WRONG_PARTITION]


@pytest.mark.parametrize("record", [paid(MORNING, PAYDAY), watermark(MORNING)])
@pytest.mark.parametrize(("minutes", "refused"), [(-10, False), (-11, True)])
def test_an_instant_from_the_future_is_refused(record: Any, minutes: int, refused: bool) -> None:
    taken = (MORNING + timedelta(minutes=minutes)).timestamp() * 1000
    kept = Kept().read(line(record, int(taken))).take()
    assert [dead.rejection.reason for dead in kept.dead] == [Reason.FUTURE_TIMESTAMP] * refused
