"""Faust's consumer thread without the thread: the consumer runs on the app's own loop.

Python runs one thread at a time, so a thread of its own lets the consumer do nothing meanwhile; but the
system spreads the two over its cores, and every record then travels from the cache of one to the other's: a tenth of
the time an event. With one loop there is also no moment at which one of them sees what the other is
half through; and a worker whose loop hangs sends no heartbeats and loses its partitions, as it should.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from mode.services import Service
from mode.utils.futures import maybe_async


class ConsumerOnTheLoop(AIOKafkaConsumerThread):
    """A service like any other: its "thread" is the loop of its app."""

    wait_for_shutdown = False

    def __init__(self, consumer: Any, *, loop: asyncio.AbstractEventLoop, **kwargs: Any) -> None:
        super().__init__(consumer, loop=loop, thread_loop=loop, **kwargs)

    async def start(self) -> None:
        """Start the consumer."""
        self._thread_started.set()
        await self._default_start()

    async def call_thread(self, fun: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        """Call at once: we are there."""
        return await maybe_async(fun(*args, **kwargs))

    async def on_stop(self) -> None:
        """What a thread would do as its last."""
        await self.on_thread_stop()

    # What a thread would do for itself is done as for any other service.
    _stopped_set = Service._stopped_set
    _stop_children = Service._stop_children
    _stop_futures = Service._stop_futures
    _stop_exit_stacks = Service._stop_exit_stacks
