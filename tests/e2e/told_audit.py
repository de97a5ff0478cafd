"""The audit of what the detector told the groups log: against the pure fold of the journal, and against what each of its
watermarks promised (A1, A4)."""

import asyncio
import json
from collections import defaultdict
from typing import Any

from agents.cli.watching import read_all
from agents.embedded.local import LocalService
from schemas.groups import GROUPS
from schemas.instant import MINUTE, parse_instant
from streams.journal.row import decode_row
from streams.journal.watermarks import WatermarkWriter
from streams.replay.backtest import Result
from tests.streams.builders import added_up, told_together

Word = dict[str, Any]


def differences(service: LocalService, expected: Result, rows: dict[int, bytes]) -> list[str]:
    """What is wrong with what was told. ``rows``: each journal partition's, as stored."""
    return asyncio.run(_differences(service, expected, rows))


async def _differences(service: LocalService, expected: Result, rows: dict[int, bytes]) -> list[str]:
    records = [one async for one in read_all(service.settings, GROUPS) if ("by", b"detector") in one.headers]
    wanted = told_together(expected.told)
    found = added_up((one.key, one.value) for one in records if one.key)
    wrong = [
        f"{found[about]} instead of {wanted[about]} of {about}"
        for about in wanted.keys() | found.keys()
        if found[about] != wanted[about]
    ]
    told: dict[int, dict[int, list[Word]]] = defaultdict(lambda: defaultdict(list))
    for one in records:
        word = json.loads(one.value)
        told[word["partition"]][one.partition].append(word)
    for number, row in rows.items():
        kept = decode_row(row).watermark or WatermarkWriter()
        wrong += broken(told[number], kept, service.settings.partitions)
    return wrong


def broken(told: dict[int, list[Word]], kept: WatermarkWriter, partitions: int) -> list[str]:
    """What is wrong with what one journal partition told, by partition of the groups log. ``kept``: what its row keeps
    of its watermarks."""
    wrong: list[str] = []
    promised = [[one for one in words if one["type"] == "watermark"] for words in told.values()]
    if promised and (len(promised) != partitions or any(one != promised[0] for one in promised)):
        wrong.append("a watermark is not in every partition")
    for words in told.values():
        wrong += _promises(words)
    marks = promised[0] if promised else []
    if marks and parse_instant(marks[-1]["instant"]) != kept.last:
        wrong.append("the last watermark is not the one that the row keeps")
    closed = sum(one["count"] for words in told.values() for one in words if one["type"] == "closed")
    if closed != sum(one["closed"] for one in marks) + kept.closed:
        wrong.append("the watermarks count other closes than were told")
    return wrong


def _promises(words: list[Word]) -> list[str]:
    wrong: list[str] = []
    last: int | None = None
    for word in words:
        is_mark = word["type"] == "watermark"
        at = parse_instant(word["instant"] if is_mark else word["at"])
        if last is not None and at < last + (MINUTE if is_mark else 0):
            wrong.append(f"{word} came after a watermark of {last}")
        if is_mark:
            last = at
    return wrong
