"""Asynchronous work of a command, which Ctrl-C cancels (see ``interrupts``)."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """``asyncio.run``, where Ctrl-C, each time, cancels what is waited for and raises ``KeyboardInterrupt`` here."""

    async def cancelled_by_signal() -> T:
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, task.cancel)
        return await main

    before = signal.getsignal(signal.SIGINT)
    try:
        return asyncio.run(cancelled_by_signal())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        signal.signal(signal.SIGINT, before)  # the loop leaves Python's own handler
