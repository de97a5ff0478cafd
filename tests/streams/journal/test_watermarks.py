"""WatermarkWriter: nothing with an earlier instant follows (A4)."""

import json
from typing import Any

from schemas.groups import Watermark, decode_group
from schemas.instant import MINUTE, parse_instant
from streams.journal.watermarks import WatermarkWriter

NOON = parse_instant("2026-03-05T12:00:00Z")


def after(kept: WatermarkWriter, clock: int | None) -> dict[str, Any] | None:
    word = kept.next(clock, 2, 4)
    return None if word is None else json.loads(word.to_json())


def test_it_is_the_published_word() -> None:
    word = WatermarkWriter(closed=3, newly_moved=1).next(NOON, 2, 4)
    assert word is not None
    read = decode_group(word.to_json())
    assert isinstance(read, Watermark)
    assert (read.partition, read.partitions, read.instant, read.closed, read.newly_moved) == (
        2,
        4,
        NOON,
        3,
        1,
    )


def test_there_is_none_before_there_is_a_clock() -> None:
    assert after(WatermarkWriter(), None) is None


def test_one_is_written_at_most_once_a_minute_of_event_time() -> None:
    kept = WatermarkWriter()
    assert after(kept, NOON)
    assert after(kept, NOON + MINUTE - 1) is None
    assert after(kept, NOON + MINUTE)


def test_closes_are_counted_until_they_are_told() -> None:
    kept = WatermarkWriter()
    kept.note_close(newly_mover=True)
    kept.note_close(newly_mover=False)
    first = after(kept, NOON)
    kept.note_close(newly_mover=False)
    assert after(kept, NOON) is None
    second = after(kept, NOON + MINUTE)
    assert first is not None
    assert second is not None
    assert [(one["closed"], one["newly_moved"]) for one in (first, second)] == [(2, 1), (1, 0)]
