"""The state of an account: what goes in comes out, and a deadline is read without decoding."""

from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.decode import decode as decode_event
from schemas.events import Profile
from streams.accounting.curve import packed
from streams.state import codec
from streams.state.account import AS_FOLDED, NEVER, Account, Cycle
from streams.state.envelope import StateFormatError, framed, parts_in
from streams.state.posting import Posting
from streams.state.profile import KnownProfile
from streams.state.remembered import Habit, Hit, LeavingTransfer, OpenTask, Past
from streams.state.told import PaidBy
from tests.streams.builders import PROFILE_LINE, all_of, profiled, record, thorough

number = st.integers(-(10**18), 10**18)
word = st.text(st.characters(codec="utf-8"), max_size=8)
maybe = st.none() | word


def parts(kind: type, **more: st.SearchStrategy) -> st.SearchStrategy:
    """Any value of one of the rarely needed parts."""
    by_type = {int: number, str: word, bool: st.booleans(), str | None: maybe}
    fields = {name: by_type[hint] for name, hint in get_type_hints(kind).items() if name not in more}
    return st.builds(kind, **fields, **more)


count = st.integers(0, 10**6)
day = st.tuples(st.none() | count, st.none() | number)
triple = st.none() | st.tuples(number, number, number)
hits = st.lists(parts(Hit, habit=triple), max_size=2)
postings = st.builds(Posting, number, word, count, number, st.none() | number, maybe, maybe, maybe)
cycles = st.builds(
    Cycle,
    *(number, word, word, word, number, number, number),
    *(number, number, number, number),
    balance=st.none() | number,
    habitual_out=number,
    large_habit=st.booleans(),
    curve=st.lists(day, max_size=3).map(lambda days: b"".join(packed(*one) for one in days)),
    hits=hits,
    packed_leaving=st.lists(parts(LeavingTransfer), max_size=2),
    closed=st.booleans(),
    cycle_class=maybe,
    undone=st.lists(word, max_size=2).map(dict.fromkeys),
    edition=count,
    let_go=count,
)
without_news = st.builds(
    Account,
    word,
    currency=maybe,
    last_at=number,
    pending=st.lists(postings, max_size=3),
    cycle=st.none() | cycles,
    packed_history=st.lists(parts(Past, habits=st.lists(parts(Habit), max_size=2)), max_size=2),
    alerts=st.lists(parts(OpenTask, hits=hits), max_size=2),
    profile=st.sampled_from([Account("a").profile, profiled().profile]),
    due=st.integers(-NEVER, NEVER) | st.integers(0, 2**56),
    folded_to=st.none() | st.tuples(number, word),
)
told = st.lists(st.builds(PaidBy, word, number, st.integers(1, 10**21), st.none() | number), max_size=3)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Any account, and what it has told its employers' groups."""
    account = draw(without_news)
    known = st.just(account.cycle.employer) if account.cycle else word
    employers = st.lists(st.tuples(word | known, number), max_size=2, unique_by=lambda one: one[0])
    account.employers = draw(employers)
    account.packed_told = draw(told | st.just(AS_FOLDED))
    return account


@thorough
@given(accounts())
def test_what_is_stored_is_what_is_read(account: Account) -> None:
    value = codec.encode(account)
    again = codec.decode(account.account_id.encode(), value)
    assert all_of(again) == all_of(account)
    assert codec.encode(again) == value, "an account that was only looked at would be written"
    assert codec.deadline_of(value) == account.due, "the deadline in front is not the account's"


def test_a_new_account_has_no_deadline() -> None:
    assert codec.deadline_of(codec.encode(Account("a"))) == NEVER


def test_accounts_share_no_lists() -> None:
    one, other = Account("a"), Account("b")
    one.pending.append(Posting(1, "x", 1, 1))
    assert other.pending == []


def test_a_small_account_is_small() -> None:
    assert len(codec.encode(Account("6222020000000000001"))) == 9, "the format and the deadline, and no part"


@pytest.mark.parametrize("start", ["00", "01", "04", "9a01", "9a03", "9c03", "ff"])
def test_a_state_of_another_format_is_refused_with_what_to_do(start: str) -> None:
    value = bytes.fromhex(start) + codec.encode(Account("a"))[1:]
    with pytest.raises(StateFormatError, match="run the version that wrote it, or replay the journal"):
        codec.decode(b"a", value)
    with pytest.raises(StateFormatError, match="run the version that wrote it, or replay the journal"):
        codec.deadline_of(value)


def test_a_part_that_a_newer_version_wrote_is_refused_with_what_to_do() -> None:
    value = codec.encode(profiled()) + framed(200, b"x")
    with pytest.raises(StateFormatError, match=r"a part 200.*run the version that wrote it"):
        codec.decode(b"a", value)


def test_what_is_only_carried_along_is_written_back_as_the_bytes_it_was() -> None:
    account = Account("a", packed_history=[Past(1, "loyal", [], False)], alerts=[OpenTask(1, 1, 1, [])])
    account.employers, account.packed_told = [("e", 1)], [PaidBy("e", 1, 1, None)]
    again = codec.decode(b"a", codec.encode(account))
    assert isinstance(again.packed_history, bytes)
    assert isinstance(again.packed_alerts, bytes)
    assert (again.has_history, again.has_alerts, again.has_told) == (True, True, True)
    assert (type(again.packed_employers), type(again.packed_told)) == (bytes, bytes)
    assert isinstance(again.packed_history, bytes), "it was decoded only to see whether there is any"


@thorough
@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=300)), max_size=4), st.integers(1, 9))
def test_parts_are_found_again_and_a_cut_is_noticed(parts: list[tuple[int, bytes]], cut: int) -> None:
    value = b"".join(framed(number, payload) for number, payload in parts)
    assert parts_in(value, 0) == parts
    last = len(framed(*parts[-1])) if parts else 0
    if cut < last:
        with pytest.raises(StateFormatError, match="cut short"):
            parts_in(value[:-cut], 0)


@pytest.mark.parametrize("length", [0, 127, 128, 16_383, 16_384, 3_000_000])
def test_a_part_may_have_any_length(length: int) -> None:
    assert parts_in(b"head" + framed(7, b"x" * length), 4) == [(7, b"x" * length)]


def test_a_profile_is_kept_as_decisions_need_it() -> None:
    value = PROFILE_LINE["value"] | {"maturities": [{"on": "2026-02-01", "amount": 7}], "vip": True}
    event = decode_event(record(PROFILE_LINE | {"value": value}).value)
    assert isinstance(event, Profile)
    account = Account("a")
    assert (account.has_profile, account.profile_of()) == (False, None)
    account.set_profile(event)
    assert account.has_profile
    known = codec.decode(b"a", codec.encode(account)).profile_of()
    assert known == KnownProfile.of(event)
    assert known.onboarded_on == event.onboarded_on.toordinal()
    assert (known.segment, known.vip, known.maturities) == (
        "s",
        True,
        [(event.maturities[0].on.toordinal(), 7)],
    )


@pytest.mark.parametrize("refused", ["sms", "wechat", "app", "call", "visit"])
def test_each_consent_keeps_its_place(refused: str) -> None:
    consent = dict.fromkeys(("sms", "wechat", "app", "call", "visit"), True) | {refused: False}
    event = decode_event(record(PROFILE_LINE | {"value": PROFILE_LINE["value"] | {"consent": consent}}).value)
    assert isinstance(event, Profile)
    assert KnownProfile.of(event).consent == tuple(consent.values())


def test_what_is_gone_is_what_left_and_did_not_come_back() -> None:
    cycle = Cycle(0, "e", "s", "c", 0, 0, 100, moved_out=50, spent=7, invested=1_000, returned=20)
    assert cycle.gone == 37
