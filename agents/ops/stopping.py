"""How an app ends because of an error: what it was is told once, in one critical line."""

import logging
from typing import Final

import faust

from agents.reactions import explain

EXIT_UNEXPECTED: Final = 1
EXIT_EXPECTED: Final = 2
"""As of every command: the line says what to do."""

ECHOES: Final = (__name__, "mode", "faust")
"""Who would tell it again, with its traceback, at each layer that the error passes."""

logger = logging.getLogger(__name__)


class StoppingApp(faust.App):
    """A Faust app that tells why it crashes."""

    has_told = False

    async def crash(self, reason: BaseException) -> None:
        """End the app; the first reason is told."""
        self.tell(reason)
        await super().crash(reason)

    def tell(self, reason: BaseException) -> None:
        """Say in one line why the app ends and, if somebody can mend it, what to do; else with the traceback."""
        if self.has_told:
            return
        self.has_told = True
        expected = is_expected(reason)
        logger.critical("the service stops: %s", line_of(reason), exc_info=None if expected else reason)
        for name in ECHOES:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        if expected:
            # It is known what to do: whatever fails because of it in the other partitions tells nothing.
            logging.disable(logging.CRITICAL)


def line_of(reason: BaseException) -> str:
    """What happened, where, and what to do."""
    where = [*getattr(reason, "__notes__", ())]
    return ": ".join([*where, explain(reason) or repr(reason)])


def is_expected(reason: BaseException) -> bool:
    """Whether somebody is told what to do."""
    return explain(reason) is not None


def exit_code(reason: BaseException) -> int:
    """How the process ends because of it."""
    return EXIT_EXPECTED if is_expected(reason) else EXIT_UNEXPECTED
