"""The accounts of a partition: what changed over what is stored, and how much a slice of deadlines does (J8)."""

import gc

import pytest

from schemas.instant import DAY, MINUTE
from streams.accounting import provisional
from streams.accounting.ledger import Ledger
from streams.journal.accounts import LOOKS, MANY, Accounts
from streams.state import codec
from streams.state.account import NEVER, Account
from streams.state.posting import Effect
from tests.streams.builders import SHIPPED, posting, when

START = when(0)


def account(name: str, due: int = NEVER, last_at: int = START) -> Account:
    return Account(name, "CNY", last_at, due=due)


def encoded(*accounts: Account) -> dict[bytes, bytes]:
    return {one.account_id.encode(): codec.encode(one) for one in accounts}


def test_what_is_kept_is_loaded_again_and_taken_once() -> None:
    stored = encoded(account("a"), account("b"))
    accounts = Accounts(stored)
    before = dict(stored)
    accounts.keep(b"a", NEVER, None)
    accounts.keep(b"c", NEVER, account("c"))
    found = {name: accounts.load(name.encode()) for name in "abc"}
    assert {name: None if one is None else one.account_id for name, one in found.items()} == {
        "a": None,
        "b": "b",
        "c": "c",
    }
    assert accounts.take() == {b"a": None} | encoded(account("c"))
    assert accounts.take() == {}, "taken twice"
    assert stored == before, "only what is committed may be stored, and the caller does so"


def test_an_account_that_comes_back_as_it_was_has_not_changed() -> None:
    accounts = Accounts(encoded(account("a")))
    accounts.keep(b"a", NEVER, account("a", last_at=START + 1))
    accounts.keep(b"a", NEVER, account("a"))
    accounts.keep(b"new", NEVER, account("new"))
    accounts.keep(b"new", NEVER, None)
    assert accounts.take() == {}


def test_a_slice_fires_as_many_accounts_as_it_may() -> None:
    accounts = Accounts(encoded(*(account(f"a{n}", due=START) for n in range(5))))
    accounts.notice_due(START + MINUTE)
    assert accounts.backlog == 5
    accounts.fire(2, START + MINUTE, SHIPPED, [])
    assert accounts.backlog == 3
    assert set(accounts.take()) == {b"a0", b"a1"}, "the first come first"


@pytest.mark.parametrize("moved", [1, LOOKS, 3 * LOOKS])
def test_deadlines_that_have_moved_cost_a_slice_next_to_nothing(moved: int) -> None:
    names = [*(f"m{n}" for n in range(moved)), "due"]
    accounts = Accounts(encoded(*(account(name, due=START) for name in names)))
    for n in range(moved):
        accounts.keep(f"m{n}".encode(), START, account(f"m{n}", due=START + 40 * DAY))
    accounts.notice_due(START + MINUTE)
    accounts.fire(1 + moved // LOOKS, START + MINUTE, SHIPPED, [])
    assert accounts.backlog == 0, "what is no longer due piles up"
    assert b"due" in accounts.take()


def test_a_deadline_later_in_its_minute_is_put_back_and_fires_then() -> None:
    late = START + MINUTE - 1
    accounts = Accounts(encoded(account("a", due=late)))
    accounts.notice_due(START + 1)
    accounts.fire(1, START + 1, SHIPPED, [])
    assert (accounts.backlog, accounts.take()) == (0, {}), "it fired too early"
    accounts.notice_due(late + 1)
    accounts.fire(1, late + 1, SHIPPED, [])
    assert set(accounts.take()) == {b"a"}


def busy(name: str, waiting: int = MANY + 1, due: int = NEVER) -> Account:
    pending = [posting(str(n), START + n, Effect.SPENT) for n in range(waiting)]
    return Account(name, "CNY", START, pending, due=due)


def test_an_account_with_many_postings_waiting_stays_as_it_is_until_it_is_taken() -> None:
    accounts = Accounts({})
    account = busy("a")
    accounts.keep(b"a", NEVER, account)
    assert accounts.load(b"a") is account, "it was decoded again for the next record"
    assert accounts.take() == encoded(account)
    assert accounts.take() == {}, "taken twice"


def test_what_was_held_and_has_few_postings_again_is_encoded_as_it_is_then() -> None:
    accounts = Accounts({})
    accounts.keep(b"a", NEVER, busy("a"))
    accounts.keep(b"a", NEVER, busy("a", 1))
    assert accounts.take() == encoded(busy("a", 1))
    accounts.keep(b"b", NEVER, busy("b"))
    accounts.keep(b"b", NEVER, None)
    assert accounts.take() == {}, "an account that went is still held"


def test_accounts_leave_nothing_for_the_collector() -> None:
    # A worker's garbage is collected seldom: what only the collector finds costs a sixth of its time.
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for name, waiting in (("few", 1), ("many", MANY + 1)):
            accounts = Accounts({})
            account = busy(name, waiting)
            assert provisional.ledger_of(account, SHIPPED).cycle is None, "there was no credit"
            accounts.keep(name.encode(), NEVER, account)
            del account
            accounts.take()
        gc.collect()
        assert [one for one in gc.garbage if isinstance(one, Account | Ledger)] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


def test_what_was_held_is_forgotten_with_what_had_changed() -> None:
    accounts = Accounts({})
    accounts.keep(b"a", NEVER, busy("a"))
    accounts.return_to({})
    assert (accounts.load(b"a"), accounts.take()) == (None, {})


def test_a_deadline_of_a_held_account_fires() -> None:
    accounts = Accounts({})
    accounts.keep(b"a", NEVER, busy("a", due=START))
    accounts.notice_due(START + MINUTE)
    accounts.fire(1, START + MINUTE, SHIPPED, [])
    assert accounts.backlog == 0
    assert accounts.take() != encoded(busy("a", due=START)), "it has not been looked at"
