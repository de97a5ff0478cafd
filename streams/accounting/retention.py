"""The share of the pay retained, in integers (R6)."""

from typing import Final

from streams.playbook.rules import Fraction

_MILLION: Final = 1_000_000


def kept(pay: int, gone: int) -> int | None:
    """What is kept of the pay, 0 to ``pay``, minor units; None where pay ≤ 0.

    ``gone``: moved_out + spent − returned.
    """
    if pay <= 0:
        return None
    return min(pay, max(0, pay - max(0, gone)))


def millionths(pay: int, gone: int) -> int | None:
    """The retained share in millionths, rounded half-even; None where pay ≤ 0."""
    left = kept(pay, gone)
    if left is None:
        return None
    parts = left * _MILLION
    whole = parts // pay
    twice = 2 * (parts - whole * pay)
    return whole + (twice > pay or (twice == pay and whole % 2 == 1))


def text(share: int | None) -> str | None:
    """Millionths, 0 to a million → six decimals, ``0.345678``; None stays None."""
    if share is None:
        return None
    return "1.000000" if share == _MILLION else "0." + str(_MILLION + share)[1:]


def is_loyal(pay: int, gone: int, loyal: Fraction) -> bool:
    """Whether the unrounded retained share reaches ``loyal`` (R8). Pay must be positive."""
    left = kept(pay, gone)
    return left is not None and left * loyal.bottom >= loyal.top * pay
