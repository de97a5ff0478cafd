"""What the gate refuses is not raised, and counts for nothing; now it refuses nothing."""

import pytest

from streams.intervention import engine, gate
from tests.streams.builders import LARGE, Kept


def test_everything_passes() -> None:
    (task,) = Kept().read(*LARGE).take().tasks
    assert task.version == 1


def test_what_is_refused_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine.gate is gate, "the engine asks another gate"
    monkeypatch.setattr(gate, "refusal", lambda task: "quiet_hours")
    kept = Kept().read(*LARGE).take()
    assert (kept.tasks, kept.accounts["a"].alerts) == ([], [])
    monkeypatch.undo()
