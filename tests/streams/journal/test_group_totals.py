"""What the accounts of a record set tell the groups they share (A1)."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.groups import MOST_MONEY, Closed, Paid, decode_group
from schemas.instant import parse_instant
from streams.journal.group_totals import GroupTotals, GroupWord
from streams.state.told import Close, PaidBy

DAY = date(2026, 3, 5).toordinal()
AT = parse_instant("2026-03-05T10:00:00Z")
PAID = PaidBy("e", DAY, 700, None)


def said(*changes: tuple[PaidBy | None, PaidBy | None]) -> list[dict[str, Any]]:
    totals = GroupTotals(4)
    for was, now in changes:
        totals.note_change(AT, was, now)
    return [json.loads(one.to_json()) for one in totals.take()]


def test_a_record_is_the_published_word() -> None:
    totals = GroupTotals(4)
    totals.note_change(AT, None, PAID._replace(previous=DAY - 28))
    totals.note_close(AT, Close("e", DAY, "loyal", 700, 600, 100, False, None))
    paid, closed = (decode_group(one.to_json()) for one in totals.take())
    assert isinstance(paid, Paid)
    assert isinstance(closed, Closed)
    assert (paid.partition, paid.at, paid.previous) == (4, AT, date(2026, 2, 5))
    assert (closed.pay, closed.kept, closed.cycle_class) == (700, 600, "loyal")


def test_what_did_not_change_is_not_told() -> None:
    assert said((PAID, PAID), (None, None)) == []


def test_accounts_that_agree_are_one_record() -> None:
    [record] = said((None, PAID), (None, PAID._replace(pay=300)))
    assert (record["count"], record["now"], record["was"]) == (
        2,
        {"payday": "2026-03-05", "amount": 1_000},
        None,
    )


def test_accounts_that_differ_in_anything_but_money_are_not() -> None:
    others = [PAID._replace(payday=DAY + 1), PAID._replace(previous=DAY - 30), PAID._replace(employer_id="f")]
    assert len(said((None, PAID), (PAID, None), *((None, one) for one in others))) == 5


def test_a_pay_that_grew_is_one_record_that_takes_back_and_says() -> None:
    [record] = said((PAID, PAID._replace(pay=900)))
    assert (record["was"]["amount"], record["now"]["amount"], record["count"]) == (700, 900, 1)


def test_a_payday_that_went_to_another_employer_is_taken_back_there() -> None:
    back, new = said((PAID, PAID._replace(employer_id="f")))
    assert (back["employer_id"], back["now"], new["employer_id"], new["was"]) == ("e", None, "f", None)


def test_a_payday_with_another_one_before_it_is_said_anew() -> None:
    new, back = said((PAID, PAID._replace(previous=DAY - 31)))
    assert (back["previous"], new["previous"]) == (None, "2026-02-02")


def test_a_sum_that_a_record_does_not_hold_is_split() -> None:
    records = said(*((None, PAID._replace(pay=MOST_MONEY // 2)) for _ in range(5)))
    assert [record["count"] for record in records] == [2, 2, 1]
    assert sum(record["now"]["amount"] for record in records) == 5 * (MOST_MONEY // 2)


def test_what_was_taken_is_not_told_again() -> None:
    totals = GroupTotals(0)
    totals.note_change(AT, None, PAID)
    assert (len(totals.take()), totals.take()) == (1, [])


standings = st.none() | st.builds(
    PaidBy,
    st.sampled_from("ef"),
    st.integers(DAY, DAY + 2),
    st.integers(1, 10) | st.integers(1, MOST_MONEY),
    st.sampled_from([None, DAY - 30, DAY - 31]),
)
changes = st.tuples(st.sampled_from([AT, AT + 1]), standings, standings)
closes = st.tuples(
    st.just(AT),
    st.builds(
        Close,
        st.sampled_from("ef"),
        st.integers(DAY, DAY + 1),
        st.sampled_from(["loyal", "transfer_out", "spend_down"]),
        st.integers(1, MOST_MONEY),
        st.just(0),
        st.integers(-MOST_MONEY, MOST_MONEY),
        st.booleans(),
        st.sampled_from([None, 3]),
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(changes | closes, max_size=12), st.sets(st.integers(0, 12)))
def test_where_a_record_set_is_cut_changes_nothing_of_what_is_told_together(
    noted: list[Any], cuts: set[int]
) -> None:
    assert told(noted, set()) == told(noted, cuts)


def told(noted: list[Any], cuts: set[int]) -> Counter[Any]:
    totals, words = GroupTotals(0), list[GroupWord]()
    for place, (at, *about) in enumerate(noted):
        if len(about) == 2:
            totals.note_change(at, *about)
        else:
            totals.note_close(at, *about)
        if place in cuts:
            words += totals.take()
    return together([*words, *totals.take()])


def together(words: Iterable[GroupWord]) -> Counter[Any]:
    """All records that agree in all but their amounts, added up."""
    found: Counter[Any] = Counter()
    for word in words:
        read = decode_group(word.to_json())
        if isinstance(read, Paid):
            days = [None if on is None else on.payday for on in (read.was, read.became)]
            key: tuple[Any, ...] = (read.employer_id, read.at, *days, read.previous)
            money = [0 if on is None else on.amount for on in (read.was, read.became)]
        else:
            assert isinstance(read, Closed), f"not a record of the groups log: {word.to_json()!r}, {read}"
            key = (
                read.employer_id,
                read.at,
                read.payday,
                read.cycle_class,
                read.newly_mover,
                read.product_count,
            )
            money = [read.pay, read.kept, read.moved_out]
        found[key, "count"] += read.count
        found.update({(key, place): amount for place, amount in enumerate(money)})
    return found
