"""The accounts of a partition: what changed over what is stored, and how much a slice of deadlines does."""

import pytest

from schemas.instant import DAY, MINUTE
from streams import codec
from streams.account import NEVER, Account
from streams.accounts import LOOKS, Accounts
from tests.streams.making import SHIPPED, when

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
    accounts.fire(2, START + MINUTE, SHIPPED)
    assert accounts.backlog == 3
    assert set(accounts.take()) == {b"a0", b"a1"}, "the first come first"


@pytest.mark.parametrize("moved", [1, LOOKS, 3 * LOOKS])
def test_deadlines_that_have_moved_cost_a_slice_next_to_nothing(moved: int) -> None:
    names = [*(f"m{n}" for n in range(moved)), "due"]
    accounts = Accounts(encoded(*(account(name, due=START) for name in names)))
    for n in range(moved):
        accounts.keep(f"m{n}".encode(), START, account(f"m{n}", due=START + 40 * DAY))
    accounts.notice_due(START + MINUTE)
    accounts.fire(1 + moved // LOOKS, START + MINUTE, SHIPPED)
    assert accounts.backlog == 0, "what is no longer due piles up"
    assert b"due" in accounts.take()


def test_a_deadline_later_in_its_minute_is_put_back_and_fires_then() -> None:
    late = START + MINUTE - 1
    accounts = Accounts(encoded(account("a", due=late)))
    accounts.notice_due(START + 1)
    accounts.fire(1, START + 1, SHIPPED)
    assert (accounts.backlog, accounts.take()) == (0, {}), "it fired too early"
    accounts.notice_due(late + 1)
    accounts.fire(1, late + 1, SHIPPED)
    assert set(accounts.take()) == {b"a"}
