"""Dead letters: nothing of the record is lost, and too many of them stop the worker (O3)."""

import pytest

from agents.deadletters import WINDOW, DeadLetterLimit, TooManyDeadLettersError, dead_letter
from agents.log.records import TP
from schemas import topics
from schemas.dead import Reason, Rejection
from streams.journal.eventsfile import Line

TP3 = TP(topics.JOURNAL, 3)


FAULTS = {
    Reason.NULL_VALUE: True,
    Reason.TOO_LARGE: True,
    Reason.MALFORMED: True,
    Reason.UNKNOWN_TYPE: True,
    Reason.INVALID: True,
    Reason.EMPTY_KEY: True,
    Reason.KEY_MISMATCH: True,
    Reason.WRONG_PARTITION: True,
    Reason.FUTURE_TIMESTAMP: False,
    Reason.TOO_LATE: False,
    Reason.CURRENCY_MISMATCH: False,
}


def refused(count: int, reason: Reason = Reason.INVALID) -> list[Rejection]:
    return [Rejection(reason, "amount: is missing")] * count


def line(
    key: bytes | None = b"a",
    value: bytes | None = b"\xff\x00",
    headers: tuple[tuple[str, bytes | None], ...] = (),
) -> Line:
    return Line(topics.JOURNAL, key, value, headers, offset=77)


def test_a_dead_letter_has_the_original_bytes_and_where_they_came_from_and_why() -> None:
    letter = dead_letter(line(), TP3, Rejection(Reason.INVALID, "amount: is text"))
    assert (letter.key, letter.value) == (b"a", b"\xff\x00")
    assert dict(letter.headers) == {
        "topic": b"payday.journal.v1",
        "partition": b"3",
        "offset": b"77",
        "reason": b"invalid",
        "detail": b"amount: is text",
    }


def test_a_record_that_came_through_the_router_names_its_source_too() -> None:
    routed = line(headers=(("type", b"transfer"), ("source", b"payday.transfers.v1,1,5"), ("x", b"y")))
    letter = dead_letter(routed, TP3, Rejection(Reason.TOO_LATE, "occurred_at"))
    assert letter.headers[-1] == ("source", b"payday.transfers.v1,1,5")
    assert [name for name, _ in letter.headers] == [
        "topic",
        "partition",
        "offset",
        "reason",
        "detail",
        "source",
    ]


def test_one_source_is_named_whatever_else_a_producer_calls_so() -> None:
    odd = line(headers=(("source", None), ("source", b"t,1,5"), ("source", b"x" * 1_000), ("y", None)))
    letter = dead_letter(odd, TP3, Rejection(Reason.TOO_LATE, "occurred_at"))
    assert [value for name, value in letter.headers if name == "source"] == [b"t,1,5"]


@pytest.mark.parametrize(("key", "value"), [(None, b"v"), (b"k", None), (b"", b"")])
def test_null_and_empty_stay_what_they_are(key: bytes | None, value: bytes | None) -> None:
    letter = dead_letter(line(key, value), TP3, Rejection(Reason.NULL_VALUE, ""))
    assert (letter.key, letter.value) == (key, value)


def test_up_to_the_limit_they_pass_and_one_more_stops_the_worker() -> None:
    limit = DeadLetterLimit(TP3, 5)
    limit.note(100, refused(5))
    limit.note(100, refused(0))
    with pytest.raises(TooManyDeadLettersError) as raised:
        limit.note(10, refused(1))
    message = str(raised.value)
    assert "6 of the last 210 records of payday.journal.v1-3" in message
    assert "paytide dlq list" in message, "it says what to do"
    assert "PAYTIDE_DEAD_LETTER_LIMIT" in message


def test_it_counts_in_records_so_old_ones_are_forgotten() -> None:
    limit = DeadLetterLimit(TP3, 5)
    for _ in range(20):
        limit.note(1_000, refused(0))
        limit.note(WINDOW, refused(5))


def test_the_last_records_count_whole_however_they_were_cut() -> None:
    limit = DeadLetterLimit(TP3, 5)
    limit.note(1, refused(1))
    limit.note(WINDOW - 1, refused(4))
    with pytest.raises(TooManyDeadLettersError):
        limit.note(0, refused(1))


def test_sets_without_records_are_not_kept_for_ever() -> None:
    limit = DeadLetterLimit(TP3, 5)
    for _ in range(3 * WINDOW):
        limit.note(1, refused(0))
    assert len(limit._recent) <= WINDOW + 1


@pytest.mark.parametrize("allowed", [0, 1])
def test_a_limit_can_be_none_at_all(allowed: int) -> None:
    limit = DeadLetterLimit(TP3, allowed)
    limit.note(10, refused(allowed))
    with pytest.raises(TooManyDeadLettersError):
        limit.note(10, refused(1))


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_a_fault_of_the_schema_or_it_is_not(reason: Reason) -> None:
    assert reason.is_schema_fault is FAULTS[reason]


@pytest.mark.parametrize("reason", [reason for reason, fault in FAULTS.items() if fault])
def test_what_a_wrong_schema_causes_counts(reason: Reason) -> None:
    with pytest.raises(TooManyDeadLettersError, match="6 of the last 10 records"):
        DeadLetterLimit(TP3, 5).note(10, refused(6, reason))


@pytest.mark.parametrize("reason", [reason for reason, fault in FAULTS.items() if not fault])
def test_a_file_that_is_read_again_stops_no_worker(reason: Reason) -> None:
    limit = DeadLetterLimit(TP3, 5)
    for _ in range(3):
        limit.note(WINDOW, refused(WINDOW, reason))
    limit.note(10, refused(5))
    with pytest.raises(TooManyDeadLettersError, match="6 of the last"):
        limit.note(1, refused(1))
