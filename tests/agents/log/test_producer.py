"""The producer: what it does not tell. What it does without a broker is in ``tests/e2e/test_outage.py``."""

import logging
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import NotEnoughReplicasError, ProducerFenced, UnknownError, UnknownTopicOrPartitionError

from agents.log.producer import MANY_REFUSALS, MOST_ENDS, NoNews, PatientEnd


def refusal(error: type[Exception], partition: int) -> logging.LogRecord:
    args = (TopicPartition("t", partition), error)
    return logging.LogRecord(
        "sender", logging.WARNING, "", 0, "Got error … %s, retrying. Error: %s", args, None
    )


def test_a_batch_refused_once_is_no_news_and_a_partition_that_always_refuses_is_told_once_a_second() -> None:
    now = 0.0
    news = NoNews(lambda: now)
    for second in range(3):
        now = float(second)
        told = [news.filter(refusal(NotEnoughReplicasError, 0)) for _ in range(3 * MANY_REFUSALS)]
        assert sum(told) == 1, f"{sum(told)} lines in second {second}"
        assert not news.filter(refusal(NotEnoughReplicasError, 1)), "another partition is not in trouble"
    assert news.filter(refusal(UnknownTopicOrPartitionError, 0)), "any other error is told as it comes"


FENCED, UNEXPECTED, DONE = 47, -1, 0


def ended(*codes: int) -> Iterator[float | None]:
    """What each try to end one transaction comes to, by what the broker answers it."""
    manager = SimpleNamespace(complete_transaction=lambda: None)
    sender = SimpleNamespace(_retry_backoff=0.1, _txn_manager=manager)
    for code in codes:
        yield PatientEnd(sender, True).handle_response(SimpleNamespace(error_code=code))


def test_a_commit_that_meets_a_fence_under_way_is_tried_again_and_is_told_of_the_fence() -> None:
    tries = ended(UNEXPECTED, FENCED)
    assert next(tries), "it is tried again after a while"
    with pytest.raises(ProducerFenced):
        next(tries)


def test_a_broker_that_never_ends_a_transaction_is_told_of_after_some_tries() -> None:
    tries = ended(*[UNEXPECTED] * (MOST_ENDS + 1))
    assert all(next(tries) for _ in range(MOST_ENDS))
    with pytest.raises(UnknownError):
        next(tries)


def test_every_transaction_has_its_own_tries() -> None:
    codes = [*[UNEXPECTED] * MOST_ENDS, DONE] * 2
    assert [again is None for again in ended(*codes)] == [code == DONE for code in codes]
