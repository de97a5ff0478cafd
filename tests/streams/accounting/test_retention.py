"""The retained share, in integers, is what exact rationals and Decimal's half-even say (R6, R8)."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction as Exact

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.accounting import retention
from streams.playbook.rules import Fraction
from tests.streams.builders import thorough

money = st.one_of(
    st.integers(-(10**17), 10**17), st.integers(-5, 50), st.sampled_from([2_000_000, 4_000_000])
)


def exact(pay: int, gone: int) -> Exact:
    return min(Exact(1), max(Exact(0), 1 - max(Exact(0), Exact(gone, pay))))


@thorough
@given(money, money)
def test_nothing_is_retained_of_no_pay(pay: int, gone: int) -> None:
    pay = -abs(pay)
    assert retention.kept(pay, gone) is None
    assert retention.millionths(pay, gone) is None


@thorough
@given(money.filter(lambda pay: pay > 0), money)
@example(2_000_000, 1_999_999)  # 0.0000005: half-even goes down
@example(2_000_000, 1_999_997)  # 0.0000015: half-even goes up
@example(2_000_000, 1)  # 0.9999995: up, to one
def test_millionths_are_rounded_half_even(pay: int, gone: int) -> None:
    share = exact(pay, gone)
    with localcontext() as context:
        context.prec = 60
        # 60 digits of a quotient of 18-digit integers: a tie is exact, and nothing else rounds to one.
        quotient = Decimal(share.numerator) / Decimal(share.denominator)
        expected = quotient.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
    assert retention.text(retention.millionths(pay, gone)) == str(expected)


@thorough
@given(money.filter(lambda pay: pay > 0), money)
def test_what_is_kept_lies_between_nothing_and_the_pay(pay: int, gone: int) -> None:
    kept = retention.kept(pay, gone)
    assert kept == exact(pay, gone) * pay
    assert 0 <= kept <= pay


@thorough
@given(money.filter(lambda pay: pay > 0), money, st.fractions(0, 1, max_denominator=1000))
@example(1_000_000_000_000_001, 500_000_000_000_001, Exact(1, 2))  # half a unit below the share
@example(3, 2, Exact(1, 3))
def test_loyal_compares_the_unrounded_share(pay: int, gone: int, share: Exact) -> None:
    loyal = Fraction(share.numerator, share.denominator)
    assert retention.is_loyal(pay, gone, loyal) is (exact(pay, gone) >= share), "rounded before comparing"


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, None), (0, "0.000000"), (7, "0.000007"), (345_678, "0.345678"), (10**6, "1.000000")],
)
def test_a_share_is_written_with_six_decimals(share: int | None, text: str | None) -> None:
    assert retention.text(share) == text
