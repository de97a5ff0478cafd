"""The audit of what was told notices each broken promise (A4)."""

from copy import deepcopy

import pytest

from schemas.instant import parse_instant
from streams.journal.watermarks import WatermarkWriter
from tests.e2e.told_audit import Word, broken

NINE, TEN = "2026-03-05T09:00:00Z", "2026-03-05T10:00:00Z"
KEPT = WatermarkWriter(parse_instant(TEN), closed=1)


def mark(instant: str, closed: int = 0) -> Word:
    return {"type": "watermark", "instant": instant, "closed": closed}


def close(at: str, count: int) -> Word:
    return {"type": "closed", "at": at, "count": count}


TOLD = {0: [close(NINE, 2), mark(NINE), mark(TEN, 2)], 1: [mark(NINE), mark(TEN, 2), close(TEN, 1)]}


def test_what_is_right_is_found_right() -> None:
    assert broken(TOLD, KEPT, 2) == []
    assert broken({}, WatermarkWriter(), 2) == [], "nothing was told"


@pytest.mark.parametrize(
    ("place", "more", "why"),
    [
        ((0, 3), close(NINE, 0), "came after a watermark"),
        ((1, 3), close(TEN, 1), "other closes than were told"),
        ((1, 2), mark("2026-03-05T10:00:59Z"), "not in every partition"),
    ],
)
def test_one_record_too_many_is_noticed(place: tuple[int, int], more: Word, why: str) -> None:
    told = deepcopy(TOLD)
    told[place[0]].insert(place[1], more)
    assert any(why in one for one in broken(told, KEPT, 2))


def test_watermarks_that_are_too_close_are_noticed() -> None:
    told = {number: [*words, mark("2026-03-05T10:00:59Z")] for number, words in TOLD.items()}
    assert any("came after a watermark" in one for one in broken(told, KEPT, 2))


def test_a_watermark_that_the_row_does_not_keep_is_noticed() -> None:
    assert broken(TOLD, WatermarkWriter(parse_instant(NINE), closed=1), 2) == [
        "the last watermark is not the one that the row keeps"
    ]


def test_a_partition_without_watermarks_is_noticed() -> None:
    assert broken(TOLD, KEPT, 3) == ["a watermark is not in every partition"]
