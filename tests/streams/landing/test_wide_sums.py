"""Legal postings whose sums go beyond 64 bits pass through everything: rules, state, task, facts, rows."""

from typing import Any

import msgspec

from schemas.topics import FACTS, INTERVENTIONS
from streams.landing.landed import Incoming
from streams.landing.rows import COLUMNS, rows_of
from streams.state import codec
from tests.reference.lines import at, credit, out
from tests.streams.builders import Kept, when

LARGEST = 10**15
PAID, GONE = 19_000 * LARGEST, 9_490 * LARGEST


def landed(topic: str, value: bytes) -> dict[str, Any]:
    """The one row that a published word becomes."""
    [row] = rows_of(topic, Incoming(value, 0, 1, 0))
    return dict(zip(COLUMNS[row.table], row.values, strict=True))


def after_28_000_postings() -> Kept:
    """A cycle as so many legal postings leave it: made from two, since what they add up to is all that is kept."""
    kept = Kept().read(credit("in", at(0), LARGEST), out("out", at(1), LARGEST)).tick(when(3)).take()
    account = codec.decode(b"a", kept.table[b"a"])
    assert account.cycle is not None
    account.cycle.pay, account.cycle.moved_out = PAID, GONE - LARGEST  # one still waits to be folded
    account.alerts = []
    kept.table[b"a"] = codec.encode(account)
    return kept.restart()


def test_sums_of_legal_postings_beyond_64_bits_go_all_the_way() -> None:
    kept = after_28_000_postings().tick(when(4, 0, 19))
    for number in range(20):
        kept.read(out(f"more{number}", at(4, 0, number), LARGEST)).restart()
    kept.tick(when(40)).take()
    assert kept.dead == []

    [closed] = [fact for fact in kept.facts if fact.fact == "account_cycle"]
    row = landed(FACTS, closed.to_json())
    assert (row["pay"], row["moved_out"]) == (PAID, GONE + 20 * LARGEST)
    assert row["moved_out"] > 2**63

    task = landed(INTERVENTIONS, kept.tasks[-1].model_dump_json().encode())
    [reason] = msgspec.json.decode(str(task["reasons"]))
    assert reason["rule"] == "cumulative_large"
    assert reason["observed"] == PAID // 2 > 2**63
