"""The largest account that the rules allow is a record that the changelog takes (R11)."""

import random

import pytest

from agents.log.offsets import LogReader
from agents.log.records import TP
from agents.log.topics import STATE_BYTES, changelog_topic
from agents.log.transaction import Transactor, Write
from agents.settings import Settings
from streams.detection.pattern import REMEMBERED
from streams.state.account import NEVER, Account, Cycle
from streams.state.codec import encode
from streams.state.posting import Effect
from streams.state.remembered import Habit, Hit, LeavingTransfer, Past
from tests.conftest import make_topics
from tests.streams.builders import posting, rules

PAYDAY = 739_000


def largest_account() -> Account:
    """As many of everything as the rules let an account keep, every text as long as it may be."""
    text, book = "\U0001f4b8" * 64, rules(accounting={"pending_limit": 10_000}, habit={"of_last": 6})
    waiting, left, money = book.pending_limit, 2 * book.leaving_limit, 10**18
    said = {"balance": money, "who": text, "where": text, "customer": text}
    pending = [posting(text, NEVER - n, Effect.LEAVING, money, **said) for n in range(waiting)]
    hits = [
        Hit(rule, money, money, text, NEVER, (money, 7, 23)) for rule in ("single_large", "cumulative_large")
    ]
    cycle = Cycle(PAYDAY, text, text, text, 31, NEVER, money, balance=money, hits=hits, curve=bytes(12 * 400))
    cycle.packed_leaving = [LeavingTransfer(text, NEVER, 7, 23, money, text, text, True)] * left
    cycle.undone = {f"{n:04}" + text[4:]: None for n in range(left + len(hits))}
    past = Past(PAYDAY, "transfer_out", [Habit(7, 23, money, text, text)] * book.leaving_limit, True)
    return Account(text, "CNY", NEVER, pending, cycle, [past] * REMEMBERED)


def test_the_largest_account_fits_into_the_changelog() -> None:
    assert len(encode(largest_account())) < STATE_BYTES - 1_000_000, "no room for a profile and for tasks"


@pytest.mark.broker
@pytest.mark.timeout(60)
async def test_the_largest_account_can_be_written(broker_settings: Settings) -> None:
    await make_topics(broker_settings)
    changelog = TP(changelog_topic(broker_settings.app_id), 0)
    # Random bytes: nothing that a codec could make smaller.
    value = random.Random(1).randbytes(STATE_BYTES - 1_000_000)
    ours = Transactor(f"{broker_settings.app_id}-largest", 60_000, **broker_settings.kafka_client())
    try:
        await ours.start()
        written = await ours.commit({changelog: [Write(b"a", value)]})
    finally:
        await ours.stop()
    assert written == {changelog: 0}
    async with LogReader(broker_settings) as log:
        found = [record.value async for cut in log.read(changelog, 0, 1) for record in cut.records]
    assert found == [value], "what was written is not what a recovery reads"
