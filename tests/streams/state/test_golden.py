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
from streams.state.account import Account

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
