"""What the clock does about errors: what may pass is tried again, what is refused for good is raised at once."""

from unittest import mock

import pytest
from aiokafka.errors import KafkaConnectionError, ProducerFenced, TransactionalIdAuthorizationFailed

from agents import clock as module
from agents.clock import FAILURES, Clock
from agents.settings import Settings


class Enough(BaseException):
    """Ends a clock that would run for ever."""


async def tries(error: Exception, most: int) -> int:
    """How often a clock tries against an error, before it raises it; ``most`` if it would go on."""
    tried = 0

    def is_leader() -> bool:
        nonlocal tried
        tried += 1
        if tried > most:
            raise Enough
        raise error

    with pytest.raises((Enough, type(error))):
        await Clock(Settings(_env_file=None, tick_seconds=0), is_leader).run()
    return min(tried, most)


@pytest.mark.parametrize(
    "error", [TransactionalIdAuthorizationFailed("paytide-clock"), ZeroDivisionError("a fault of ours")]
)
async def test_what_does_not_pass_is_raised_at_once(error: Exception) -> None:
    assert await tries(error, most=50) == 1


@pytest.mark.parametrize(
    "error", [KafkaConnectionError("away"), TimeoutError("nothing routed"), ProducerFenced()]
)
async def test_what_may_pass_is_tried_again_and_then_raised(error: Exception) -> None:
    """Fenced is the clock that another worker has taken over: whether this one still leads is asked anew."""
    assert await tries(error, most=50) == FAILURES + 1


async def test_a_failure_that_has_passed_is_forgotten() -> None:
    errors = [KafkaConnectionError("away")] * FAILURES
    script = [*errors, None, *errors, None, Enough()]

    async def lead(_: Clock) -> None:
        if (next_one := script.pop(0)) is not None:
            raise next_one

    with mock.patch.object(module.Clock, "_lead", lead), pytest.raises(Enough):
        await Clock(Settings(_env_file=None, tick_seconds=0), lambda: True).run()
    assert not script, "it gave up although it had ticked in between"
