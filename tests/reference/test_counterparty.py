"""The reference reads counterparties by the rule: empty means null, and a BIC is one with or without XXX."""

import pytest

from tests.reference import reference
from tests.reference.lines import Line, at, credit, out, tick, to


def moved_and_invested(line: Line, bank_code: str | None) -> tuple[int, int]:
    (fact,) = reference([credit("p", at(0), 100), line, tick(at(60))], bank_code=bank_code).cycles
    return fact["moved_out"], fact["invested"]


@pytest.mark.parametrize(
    ("bank_code", "theirs", "own"),
    [
        ("own", "own", True),
        ("own", "", False),
        ("ICBKCNBJ", "ICBKCNBJ", True),
        ("ICBKCNBJ", "ICBKCNBJXXX", True),
        ("ICBKCNBJXXX", "ICBKCNBJ", True),
        ("ICBKCNBJ", "ICBKCNBJSHI", False),
        ("icbkcnbj", "icbkcnbjXXX", False),
        ("12345678", "12345678XXX", False),
        (None, "", False),
    ],
)
@pytest.mark.parametrize("ref", ["s", ""])
def test_a_transfer_with_the_bank_itself_is_internal(
    bank_code: str | None, theirs: str, own: bool, ref: str
) -> None:
    found = moved_and_invested(out("x", at(1), 30, **to(ref, theirs)), bank_code)
    assert found == ((0, 30) if own else (30, 0))


@pytest.mark.parametrize(("ref", "bank", "habit"), [("t", "b", 100), ("", "b", 0), ("t", "", 0), ("", "", 0)])
def test_strangers_are_no_habit(ref: str, bank: str, habit: int) -> None:
    lines = []
    for n in range(4):
        lines += [credit(f"p{n}", at(35 * n), 1_000), out(f"x{n}", at(35 * n + 1), 100, **to(ref, bank))]
    assert reference([*lines, tick(at(200))]).cycles[-1]["habitual_out"] == habit
