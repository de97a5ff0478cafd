"""Stored bytes of every format mean what they meant when they were written.

Each line of a file holds a key, the value as stored (base64) and the account that it means. The lines of format 2 were
made by the code that wrote it. A file is never made anew: a format that changes gets a file of its own.
"""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.state import codec
from streams.state.account import AS_FOLDED, Account, Cycle
from streams.state.told import PaidBy

GOLDEN = Path(__file__).parent / "golden"
OLD, NEW = ([json.loads(line) for line in (GOLDEN / f"format-{n}.jsonl").open()] for n in (2, 3))
BOTH = [pytest.param(line, id=f"{n} {line['key']}") for n, lines in ((2, OLD), (3, NEW)) for line in lines]


def plain(account: Account) -> dict[str, Any]:
    """An account as the files have it."""
    cycle = account.cycle
    return {
        "account_id": account.account_id,
        "currency": account.currency,
        "last_at": account.last_at,
        "due": account.due,
        "pending": [
            [p.at, p.event_id, p.effect, p.amount, p.balance, p.who, p.where, p.customer]
            for p in account.pending
        ],
        "cycle": None
        if cycle is None
        else [
            *(cycle.payday, cycle.employer, cycle.source, cycle.customer, cycle.day, cycle.day_ends),
            *(cycle.pay, cycle.moved_out, cycle.spent, cycle.invested, cycle.returned, cycle.balance),
            *(cycle.habitual_out, cycle.large_habit, cycle.curve.hex(), msgspec.to_builtins(cycle.hits)),
            *(msgspec.to_builtins(cycle.leaving), cycle.closed, cycle.cycle_class, list(cycle.undone)),
        ],
        "history": msgspec.to_builtins(account.history),
        "alerts": [before_kinds(msgspec.to_builtins(alert)) for alert in account.alerts],
        "profile": msgspec.to_builtins(account.profile_of()),
        "folded_to": account.folded_to,
    }


def before_kinds(alert: list[Any]) -> list[Any]:
    """The files are older than kinds of task and playbooks that change: what names none was an outflow_alert of the
    first edition, and went out."""
    assert alert[5:] == ["outflow_alert", 0, False]
    return alert[:5]


def stored(line: dict[str, Any]) -> tuple[bytes, bytes]:
    return line["key"].encode(), b64decode(line["value"])


@pytest.mark.parametrize("line", BOTH)
def test_stored_bytes_mean_what_they_meant(line: dict[str, Any]) -> None:
    found = json.loads(json.dumps(plain(codec.decode(*stored(line)))))
    assert found == line["account"], "an account that was stored is read as another one"
    assert codec.deadline_of(stored(line)[1]) == line["account"]["due"], "the index of deadlines would differ"


@pytest.mark.parametrize("line", NEW, ids=lambda line: line["key"])
def test_an_account_is_written_as_it_always_was_in_format_3(line: dict[str, Any]) -> None:
    assert codec.encode(codec.decode(*stored(line))) == stored(line)[1], "the bytes of format 3 have changed"


@pytest.mark.parametrize("line", OLD, ids=lambda line: line["key"])
def test_an_account_of_format_2_is_written_anew_as_the_same_account(line: dict[str, Any]) -> None:
    key, value = stored(line)
    again = codec.encode(codec.decode(key, value))
    assert again[0] == codec.FORMAT
    assert plain(codec.decode(key, again)) == plain(codec.decode(key, value))
    assert len(again) <= len(value), "the newer format takes more bytes"


OPEN = ("e1", 738_525)
TELLING = [
    ([], [], ""),
    ([("e1", 738_494)], AS_FOLDED, "0a011f0b01c0"),
    ([("e1", 738_494), ("e2", 738_400)], AS_FOLDED, "0a139292a26531ce000b44be92a26532ce000b44600b01c0"),
    (
        [("e2", 738_494)],
        [PaidBy("e1", 738_525, 1_000_000, None)],
        "0a0a9192a26532ce000b44be0b109194a26531ce000b44ddce000f4240c0",
    ),
    (
        [],
        [PaidBy("e1", 738_525, 10**20, 738_494), PaidBy("é", 738_528, 1, None)],
        "0b309294a26531ce000b44ddb5313030303030303030303030303030303030303030ce000b44be94a2c3a9ce000b44e001c0",
    ),
]
"""The last employers and what was told, of an account whose cycle of the payday and employer ``OPEN`` is open; the bytes
of the parts that hold them."""


@pytest.mark.parametrize(("employers", "told", "parts"), TELLING)
def test_what_was_told_is_stored_as_it_always_was(
    employers: list[tuple[str, int]], told: list[PaidBy] | bytes, parts: str
) -> None:
    employer, payday = OPEN
    account = Account("a", cycle=Cycle(payday, employer, "s", "c", 0, 0, 1))
    without = codec.encode(account)
    account.employers, account.packed_told = employers, told
    stored = codec.encode(account)
    assert stored.removeprefix(without).hex() == parts, "the bytes of a part have changed"
    again = codec.decode(b"a", without + bytes.fromhex(parts))
    assert again.employers == employers
    assert again.told_as_folded if told == AS_FOLDED else again.told == told
