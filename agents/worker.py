"""Running an app until a signal ends it, or a fault does."""

import asyncio
import gc
import logging
import os
import threading
from typing import Any

import uvloop
from mode import Worker

from agents.recordset.producer import NoNews

EXIT_CRASHED = 1
END_SECONDS = 8.0
"""How long Faust may take to end once the pipelines have ended: together less than the 30 s of a supervisor."""


def run(app: Any) -> None:
    """Run a Faust app in this process; exits non-zero if it crashed."""
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
        _leave(int(end.code or 0), app)
    except Exception:
        logging.getLogger(__name__).critical("the worker crashed", exc_info=True)
        _leave(EXIT_CRASHED, app)
    _leave(0, app)


def _bound_the_end(app: Any) -> None:
    # Faust's consumer waits for the broker to say goodbye to it: if that is away, for ever.
    @app.on_before_shutdown.connect
    async def watch(*_: Any, **__: Any) -> None:
        timer = threading.Timer(END_SECONDS, _leave, (0, app))
        timer.daemon = True
        timer.start()


def _leave(code: int, app: Any) -> None:
    # Threads of the consumer may still wait for the broker; what matters is committed.
    logging.shutdown()
    os._exit(code or (EXIT_CRASHED if app.crashed else 0))
