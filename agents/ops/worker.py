"""Running an app until a signal ends it, or a fault does."""

import asyncio
import gc
import logging
import os
import threading
from typing import Any

import uvloop
from mode import Worker

from agents.log.producer import NoNews
from agents.ops.stopping import EXIT_UNEXPECTED, exit_code

END_SECONDS = 8.0
"""How long Faust may take to end once the pipelines have ended: together less than the 30 s of a supervisor."""


def run(app: Any) -> None:
    """Run an app in this process, and end the process: with 0 if it was asked to, else as ``stopping`` says."""
    # Most of what a record set allocates dies with it; the collector need not look every 700 objects.
    gc.freeze()
    gc.set_threshold(500_000, 50, 50)
    logging.getLogger("aiokafka.producer.sender").addFilter(NoNews())
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    _bound_the_end(app)
    worker = Worker(app, loglevel="WARN", logfile=None, redirect_stdouts=False, loop=loop)
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        # What mode shows with its traceback and ends with 1: it may be an error that somebody can mend.
        _leave(app, int(end.code or 0), end.__context__ if end.code else None)
    except Exception as error:
        _leave(app, EXIT_UNEXPECTED, error)
    _leave(app)


def _bound_the_end(app: Any) -> None:
    # Faust's consumer waits for the broker to say goodbye to it: if that is away, for ever.
    @app.on_before_shutdown.connect
    async def watch(*_: Any, **__: Any) -> None:
        timer = threading.Timer(END_SECONDS, _leave, (app,))
        timer.daemon = True
        timer.start()


def _leave(app: Any, code: int = 0, error: BaseException | None = None) -> None:
    reason = app.crash_reason if app.crashed else error
    if reason is not None:
        app.tell(reason)
        code = exit_code(reason)
    # Threads of the consumer may still wait for the broker; what matters is committed.
    logging.shutdown()
    os._exit(code)
