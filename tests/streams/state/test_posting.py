"""Every posting goes into the bucket R5 names: direction × kind × reverses × the bank's own (R5)."""

from typing import Any

import pytest

from schemas.decode import decode
from schemas.events import PayrollCredit, Transfer
from streams.playbook.rules import own_codes
from streams.state.posting import Effect, posting_of
from tests.reference.lines import at, credit, move, to
from tests.streams.builders import record, when

# R5, word for word; the second column is what the bucket is called in the rule.
RULE = """
out transfer        moved_out
out consumption     spent
out cash            spent
out bill            spent
out loan_repayment  spent
out other           spent
out investment      invested
out internal        invested
in  investment     -invested
in  internal       -invested
in  transfer        returned
in  cash            returned
in  other           returned
in  consumption    -spent
in  bill           -spent
in  loan_repayment -spent
out interest        none
in  interest        none
out fee             none
in  fee             none
"""
TABLE = {(way, kind): bucket for way, kind, bucket in map(str.split, RULE.strip().splitlines())}
OPPOSITE = {"in": "out", "out": "in"}
NAMES = {
    "none": Effect.NONE,
    "moved_out": Effect.LEAVING,
    "-moved_out": Effect.LESS_MOVED_OUT,
    "spent": Effect.SPENT,
    "-spent": Effect.LESS_SPENT,
    "invested": Effect.INVESTED,
    "-invested": Effect.LESS_INVESTED,
    "returned": Effect.RETURNED,
    "-returned": Effect.LESS_RETURNED,
}


def negative(bucket: str) -> str:
    return bucket if bucket == "none" else bucket.removeprefix("-") if bucket[0] == "-" else f"-{bucket}"


def the(line: dict[str, Any]) -> PayrollCredit | Transfer:
    event = decode(record(line).value)
    assert isinstance(event, PayrollCredit | Transfer)
    return event


def effect_of(way: str, kind: str, bank_code: str | None = None, **more: Any) -> int:
    return posting_of(the(move("x", at(0), 5, way, kind, **more)), own_codes(bank_code)).effect


def test_the_table_names_every_kind_in_both_directions() -> None:
    kinds = Transfer.model_fields["kind"].annotation.__args__
    assert set(TABLE) == {(way, kind) for way in ("in", "out") for kind in kinds}


@pytest.mark.parametrize(("way", "kind"), TABLE)
def test_a_posting_goes_into_its_bucket(way: str, kind: str) -> None:
    assert effect_of(way, kind) == NAMES[TABLE[way, kind]]


@pytest.mark.parametrize(("way", "kind"), TABLE)
def test_a_reversal_counts_negative_where_the_original_went(way: str, kind: str) -> None:
    assert effect_of(way, kind, reverses="o") == NAMES[negative(TABLE[OPPOSITE[way], kind])]


@pytest.mark.parametrize("reverses", [None, "o"])
@pytest.mark.parametrize("way", ["in", "out"])
def test_a_transfer_with_the_bank_itself_is_internal(way: str, reverses: str | None) -> None:
    own = effect_of(way, "transfer", "b1", reverses=reverses, **to("t", "b1"))
    assert own == effect_of(way, "internal", reverses=reverses)


@pytest.mark.parametrize("way", ["in", "out"])
@pytest.mark.parametrize("ref", ["t", ""])
@pytest.mark.parametrize("code", ["ICBKCNBJ", "ICBKCNBJXXX"])
@pytest.mark.parametrize("theirs", ["ICBKCNBJ", "ICBKCNBJXXX"])
def test_the_banks_bic_is_its_own_with_and_without_the_head_offices_xxx(
    way: str, ref: str, code: str, theirs: str
) -> None:
    assert effect_of(way, "transfer", code, **to(ref, theirs)) == effect_of(way, "internal")


@pytest.mark.parametrize("way", ["in", "out"])
@pytest.mark.parametrize(
    ("bank_code", "party"),
    [
        ("b1", to("t", "b2")),
        ("b1", {}),
        (None, to("t", "b1")),
        ("b1", to("t", "B1")),
        ("b1", to("t", "")),
        (None, to("t", "")),
        ("ICBKCNBJ", to("t", "ICBKCNBJSHI")),
        ("ICBKCNBJSHI", to("t", "ICBKCNBJ")),
        ("ICBKCNBJ", to("t", "icbkcnbjxxx")),
    ],
)
def test_a_transfer_with_another_bank_is_not(way: str, bank_code: str | None, party: dict[str, Any]) -> None:
    assert effect_of(way, "transfer", bank_code, **party) == NAMES[TABLE[way, "transfer"]]


@pytest.mark.parametrize(("way", "kind"), [pair for pair in TABLE if pair[1] != "transfer"])
def test_only_a_transfer_becomes_internal_by_its_counterparty(way: str, kind: str) -> None:
    assert effect_of(way, kind, "b1", **to("t", "b1")) == NAMES[TABLE[way, kind]]


def test_a_credit_brings_what_its_cycle_needs() -> None:
    posting = posting_of(the(credit("p", at(0), 7, balance_after=-3)), frozenset())
    assert posting.effect == Effect.CREDIT
    assert (posting.at, posting.event_id, posting.amount, posting.balance) == (when(0), "p", 7, -3)
    assert (posting.who, posting.where, posting.customer) == ("e1", "employed", "c")


def test_a_reversed_credit_lowers_the_pay() -> None:
    assert posting_of(the(credit("p", at(0), 7, reverses="o")), frozenset()).effect == Effect.LESS_CREDIT


def test_only_a_leaving_transfer_remembers_where_it_went() -> None:
    gone = posting_of(the(move("x", at(0), 5, "out", "transfer", **to("t", "b2"))), own_codes("b1"))
    assert (gone.who, gone.where) == ("t", "b2")
    for line in (
        move("x", at(0), 5, "in", "transfer", **to("t", "b2")),
        move("x", at(0), 5, "out", "transfer", reverses="o", **to("t", "b2")),
        move("x", at(0), 5, "out", "transfer", **to("t", "b1")),
    ):
        other = posting_of(the(line), own_codes("b1"))
        assert (other.who, other.where) == (None, None), "a counterparty is kept that no rule needs"


@pytest.mark.parametrize(
    ("party", "who", "where"),
    [
        (to("t", "b2"), "t", "b2"),
        (to("", "b2"), None, "b2"),
        (to("t", ""), "t", None),
        (to("", ""), None, None),
        ({}, None, None),
    ],
)
def test_empty_means_null_for_a_counterparty(
    party: dict[str, Any], who: str | None, where: str | None
) -> None:
    for code in (None, "b1"):
        gone = posting_of(the(move("x", at(0), 5, "out", "transfer", **party)), own_codes(code))
        assert (gone.effect, gone.who, gone.where) == (Effect.LEAVING, who, where)
