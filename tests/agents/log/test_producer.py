"""The producer: what it does not tell. What it does without a broker is in ``tests/e2e/test_outage.py``."""

import logging

from aiokafka import TopicPartition
from aiokafka.errors import NotEnoughReplicasError, UnknownTopicOrPartitionError

from agents.log.producer import MANY_REFUSALS, NoNews


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
