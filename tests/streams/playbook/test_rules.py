"""The rules are the playbook's numbers, exactly, each in its place (docs/rules.md#parameters)."""

from fractions import Fraction as Exact
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instant import HOUR
from schemas.playbook import Playbook
from streams.playbook.rules import Fraction, Rules, own_codes
from tests.streams.builders import SHIPPED, rules, thorough

shares = st.decimals(0, 1, places=6)


@thorough
@given(shares, st.integers(-(10**18), 10**18))
def test_a_share_of_an_amount_is_rounded_up_exactly(share: Any, amount: int) -> None:
    fraction = Fraction.of(share)
    assert Exact(fraction.top, fraction.bottom) == Exact(share), "a share is not exact"
    assert fraction.ceil_of(amount) == -(-(Exact(share) * amount) // 1)


def test_the_shipped_rules_are_the_design_s() -> None:
    assert SHIPPED.lateness == 24 * HOUR
    assert (SHIPPED.merge_days, SHIPPED.window_days, SHIPPED.curve_days) == (3, 7, 31)
    assert SHIPPED.min_amount == 100_000
    assert (SHIPPED.loyal, SHIPPED.single, SHIPPED.cumulative) == (
        Fraction(1, 2),
        Fraction(3, 10),
        Fraction(1, 2),
    )
    assert (SHIPPED.habit_amount, SHIPPED.habit_days) == (Fraction(1, 10), 2)
    assert (SHIPPED.habit_at_least, SHIPPED.habit_of_last) == (3, 4)
    assert SHIPPED.bank_codes == frozenset()


@pytest.mark.parametrize(
    ("part", "name", "value", "field", "expected"),
    [
        ("bank", "code", "B1", "bank_codes", {"B1"}),
        ("accounting", "allowed_lateness_hours", 48, "lateness", 48 * HOUR),
        ("accounting", "merge_days", 5, "merge_days", 5),
        ("accounting", "window_days", 9, "window_days", 9),
        ("accounting", "curve_days", 40, "curve_days", 40),
        ("accounting", "loyal_share", 0.25, "loyal", Fraction(1, 4)),
        ("flags", "min_amount", 1, "min_amount", 1),
        ("flags", "single_share", 0.1, "single", Fraction(1, 10)),
        ("flags", "cumulative_share", 0.7, "cumulative", Fraction(7, 10)),
        ("habit", "amount_tolerance", 0.2, "habit_amount", Fraction(1, 5)),
        ("habit", "day_tolerance", 1, "habit_days", 1),
        ("habit", "of_last", 6, "habit_of_last", 6),
        ("habit", "at_least", 2, "habit_at_least", 2),
    ],
)
def test_a_number_of_the_playbook_reaches_its_rule(
    part: str, name: str, value: Any, field: str, expected: Any
) -> None:
    changed = rules(**{part: {name: value}})
    assert getattr(changed, field) == expected
    others = [
        other for other in Rules.__dataclass_fields__ if other not in (field, "days", "playbook", "book")
    ]
    assert [getattr(changed, one) for one in others] == [getattr(SHIPPED, one) for one in others]


def test_the_rules_know_the_playbook_and_its_zone() -> None:
    made = Rules.of(Playbook.model_validate({"name": "n", "version": 3, "bank": {"timezone": "UTC"}}))
    assert (made.playbook.name, made.playbook.version) == ("n", 3)
    assert made.days.hour(0) == 0
    assert SHIPPED.days.hour(0) == 8


@pytest.mark.parametrize(
    ("code", "codes"),
    [
        (None, set()),
        ("ICBKCNBJ", {"ICBKCNBJ", "ICBKCNBJXXX"}),
        ("ICBKCNBJXXX", {"ICBKCNBJ", "ICBKCNBJXXX"}),
        ("ICBKCNBJSHI", {"ICBKCNBJSHI"}),  # a branch is no head office
        ("icbkcnbj", {"icbkcnbj"}),  # a BIC is in capitals
        ("ICBK1NBJ", {"ICBK1NBJ"}),  # no country
        ("102100099996", {"102100099996"}),  # the number of a bank in China's payment system
        ("XXX", {"XXX"}),
        ("ICBKCNBJX", {"ICBKCNBJX"}),
    ],
)
def test_a_bic_is_the_same_with_and_without_the_head_offices_xxx(code: str | None, codes: set[str]) -> None:
    assert own_codes(code) == codes
