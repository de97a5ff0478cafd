"""Why a service ends is told once; the exit code says whether somebody can mend it."""

import logging
from collections.abc import Iterator

import faust
import pytest
from aiokafka.errors import TopicAuthorizationFailedError

from agents.log.records import LogGapError
from agents.ops.stopping import ECHOES, StoppingApp, exit_code, line_of


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[StoppingApp]:
    async def crashed(*_: object) -> None:
        """Faust's part in it is tested by the workers that end."""

    monkeypatch.setattr(faust.App, "crash", crashed)
    made = StoppingApp.__new__(StoppingApp)
    before = {name: logging.getLogger(name).level for name in ECHOES}
    yield made
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
    logging.disable(logging.NOTSET)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL]


async def test_an_expected_error_is_one_line_without_a_traceback(
    app: StoppingApp, caplog: pytest.LogCaptureFixture
) -> None:
    error = LogGapError("records were deleted unread. Raise the retention")
    error.add_note("payday.journal.v1-3")
    await app.crash(error)
    assert lines(caplog) == [
        "the service stops: payday.journal.v1-3: records were deleted unread. Raise the retention"
    ]
    assert not caplog.records[0].exc_info


async def test_an_unexpected_one_keeps_its_traceback(
    app: StoppingApp, caplog: pytest.LogCaptureFixture
) -> None:
    await app.crash(ZeroDivisionError("ours"))
    assert lines(caplog) == ["the service stops: ZeroDivisionError('ours')"]
    assert caplog.records[0].exc_info


async def test_only_the_first_reason_is_told(app: StoppingApp, caplog: pytest.LogCaptureFixture) -> None:
    await app.crash(LogGapError("the cause"))
    await app.crash(RuntimeError("what follows from it"))
    assert lines(caplog) == ["the service stops: the cause"]


def test_the_exit_code_says_whether_somebody_can_mend_it() -> None:
    assert exit_code(TopicAuthorizationFailedError("payday.facts.v1")) == 2
    assert exit_code(ZeroDivisionError()) == 1


def test_an_error_of_nowhere_has_no_place() -> None:
    assert line_of(LogGapError("gone")) == "gone"
