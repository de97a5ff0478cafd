"""The reference against cases small enough to compute by hand."""

import random
from datetime import datetime
from typing import Any

import pytest

from tests.reference import Result, reference
from tests.reference.lines import Line, at, credit, move, out, tick, to

LONG_AFTER = datetime.fromisoformat(at(400))


def run(*lines: Line, **more: Any) -> Result:
    """The lines, and then enough time for every cycle to end."""
    return reference(list(lines), **({"until": LONG_AFTER} | more))


def only(result: Result) -> dict[str, Any]:
    """The only cycle there is."""
    (fact,) = result.cycles
    return fact


def dead(reason: str) -> tuple[str, str]:
    """The outcome of a dead letter."""
    return "dead", reason


def test_r1_days_are_local_and_follow_summer_time() -> None:
    pay = credit("p", "2026-03-25T09:00:00+01:00", 1_000)
    last = out("x", "2026-04-01T23:59:59.999999+02:00", 100)
    after = out("y", "2026-04-02T00:00:00+02:00", 200)
    fact = only(run(pay, last, after, timezone="Europe/Prague"))
    assert (fact["cycle_payday"], fact["moved_out"]) == ("2026-03-25", 100)
    assert fact["retained"] == ["1.000000"] * 7 + ["0.900000"]


@pytest.mark.parametrize("seed", range(20))
def test_r2_any_order_within_lateness_gives_the_same(seed: int) -> None:
    chance = random.Random(seed)
    lines = [credit("p1", at(0), 5_000), credit("p2", at(2), 700), credit("p3", at(6), 4_000)]
    for n in range(40):
        kind, direction = chance.choice(["transfer", "cash", "interest"]), chance.choice(["in", "out"])
        when = at(chance.randrange(8), chance.randrange(24))
        lines.append(move(f"m{n}", when, chance.randint(1, 900), direction, kind, balance_after=n))
    delay = {id(line): chance.uniform(0, 86_400) for line in lines}

    def read_at(line: Line) -> float:
        return datetime.fromisoformat(line["value"]["occurred_at"]).timestamp() + delay[id(line)]

    one, other = run(*lines, rules={"lateness_hours": 24 * 30}), run(*sorted(lines, key=read_at))
    assert (one.cycles, one.curves) == (other.cycles, other.curves)
    assert other.counts["applied"] == len(lines)


def test_r2_same_instant_counts_by_the_bytes_of_the_event_id() -> None:
    before, after = out("a", at(0), 10), out("z", at(0), 1)
    assert only(run(after, credit("p", at(0), 100), before))["moved_out"] == 1


def test_r2_too_late_is_more_than_allowed_lateness() -> None:
    lines = [credit("p", at(0), 100), out("x", at(3), 1), out("y", at(2), 2), out("z", at(2, 11, 59), 4)]
    result = run(*lines)
    assert result.outcomes == ["applied", "applied", "applied", dead("too_late")]
    assert only(result)["moved_out"] == 3


def test_r3_duplicates_are_known_only_as_long_as_they_are_pending() -> None:
    lines = [credit("p", at(0), 100), out("x", at(1), 1), out("x", at(1, 13), 2), out("x", at(2, 12, 1), 4)]
    result = run(*lines)
    assert result.outcomes == ["applied", "applied", "duplicate", "applied"]
    assert only(result)["moved_out"] == 5
    assert result.counts == {"read": 4, "applied": 3, "duplicate": 1, "dead": {}}


def test_r3_a_posting_of_exactly_allowed_lateness_ago_is_pending() -> None:
    assert run(out("x", at(0), 1), out("y", at(1), 1), out("x", at(1), 1)).outcomes[-1] == "duplicate"


def test_r4_a_credit_joins_for_two_days_and_opens_on_the_third() -> None:
    joins = credit("q", at(2, 23, 59), 50, employer_id="e2")
    opens = credit("r", at(3, 0), 70, employer_id="e3")
    first, second = run(credit("p", at(0, 23), 100), joins, opens).cycles
    assert (first["pay"], first["employer_id"], first["truncated"]) == (150, "e1", True)
    assert (second["pay"], second["employer_id"], second["truncated"]) == (70, "e3", False)


def test_r4_nothing_belongs_to_a_cycle_after_day_31() -> None:
    result = run(credit("p", at(0), 100), out("x", at(31), 10, balance_after=90), out("y", at(32), 20))
    assert result.curves["a", "2026-01-05"][-1] == (31, "0.900000", 90)
    assert result.counts["applied"] == 3


BUCKETS = [
    ("out", "transfer", False, "moved_out", 7),
    ("in", "transfer", True, "moved_out", -7),
    ("in", "transfer", False, "returned", 7),
    ("out", "transfer", True, "returned", -7),
    ("in", "cash", False, "returned", 7),
    ("in", "other", False, "returned", 7),
    ("out", "cash", False, "spent", 7),
    ("in", "cash", True, "spent", -7),
    ("out", "cash", True, "returned", -7),
    ("out", "other", False, "spent", 7),
    ("out", "consumption", False, "spent", 7),
    ("in", "consumption", False, "spent", -7),
    ("in", "consumption", True, "spent", -7),
    ("out", "consumption", True, "spent", 7),
    ("out", "bill", False, "spent", 7),
    ("in", "loan_repayment", False, "spent", -7),
    ("out", "investment", False, "invested", 7),
    ("in", "investment", False, "invested", -7),
    ("in", "internal", True, "invested", -7),
    ("out", "internal", True, "invested", 7),
    ("out", "fee", False, None, 0),
    ("in", "interest", True, None, 0),
]


@pytest.mark.parametrize(("direction", "kind", "reverses", "bucket", "amount"), BUCKETS)
def test_r5_buckets(direction: str, kind: str, reverses: bool, bucket: str | None, amount: int) -> None:
    undone = "u" if reverses else None
    fact = only(run(credit("p", at(0), 100), move("x", at(1), 7, direction, kind, reverses=undone)))
    sums = {name: fact[name] for name in ("pay", "moved_out", "spent", "invested", "returned")}
    expected = dict.fromkeys(sums, 0) | {"pay": 100} | ({bucket: amount} if bucket else {})
    assert sums == expected


def test_r5_a_transfer_with_the_bank_itself_is_internal() -> None:
    fact = only(run(credit("p", at(0), 100), out("x", at(1), 30, **to("s", "own")), bank_code="own"))
    assert (fact["moved_out"], fact["invested"]) == (0, 30)
    card = move("x", at(1), 30, "out", "consumption", **to("s", "own"))
    assert only(run(credit("p", at(0), 100), card, bank_code="own"))["spent"] == 30


def test_r5_a_reversed_credit_lowers_the_pay() -> None:
    assert only(run(credit("p", at(0), 100), credit("q", at(5), 30, reverses="p")))["pay"] == 70


def test_r6_six_decimals_half_even() -> None:
    pay = credit("p", at(0), 2_000_000)
    fact = only(run(pay, out("x", at(0, 13), 1), out("y", at(1), 2), out("z", at(2), 3_000_000)))
    # Retained 1 999 999, then 1 999 997 of 2 000 000: 0.9999995 and 0.9999985.
    assert fact["retained"][:3] == ["1.000000", "0.999998", "0.000000"]


def test_r6_returned_money_never_lifts_it_above_one() -> None:
    fact = only(run(credit("p", at(0), 100), move("x", at(1), 50, "in", "cash")))
    assert fact["retained"] == ["1.000000"] * 8


def test_r6_no_pay_no_share() -> None:
    undone = credit("q", at(1), 100, reverses="p")
    fact = only(run(credit("p", at(0), 100), undone, credit("r", at(2), 40)))
    assert fact["retained"][:3] == ["1.000000", None, "1.000000"]


def test_r7_the_last_balance_a_posting_carried() -> None:
    fee = move("f", at(2), 1, "out", "fee", balance_after=-5)
    fact = only(run(credit("p", at(0), 100), fee, out("x", at(3), 1, balance_after=None)))
    assert fact["balance"] == [None, None, -5, -5, -5, -5, -5, -5]


def test_r8_half_the_pay_is_loyal_and_a_minor_unit_less_is_not() -> None:
    pay = credit("p", at(0), 1_000)
    assert only(run(pay, out("x", at(7, 23), 500)))["class"] == "loyal"
    assert only(run(pay, out("x", at(7, 23), 501)))["class"] == "transfer_out"
    assert only(run(pay, out("x", at(8, 0), 501)))["class"] == "loyal"


def test_r8_moved_out_wins_a_tie_with_spent() -> None:
    pay, moved = credit("p", at(0), 100), out("x", at(1), 40)
    assert only(run(pay, moved, move("y", at(1), 40, "out", "cash")))["class"] == "transfer_out"
    assert only(run(pay, moved, move("y", at(1), 41, "out", "cash")))["class"] == "spend_down"


def test_r8_truncated_keeps_whole_days_only_but_judges_every_posting() -> None:
    lines = [
        credit("p", at(0), 100),
        out("x", at(4, 8), 80),
        credit("q", at(4, 9), 100),
        out("y", at(4, 10), 1),
    ]
    first, second = run(*lines).cycles
    assert (first["truncated"], first["class"], first["moved_out"]) == (True, "transfer_out", 80)
    assert first["retained"] == ["1.000000"] * 4
    assert (second["truncated"], second["moved_out"]) == (False, 1)


def test_r8_the_midnight_after_day_7_does_not_truncate() -> None:
    first, _ = run(credit("p", at(0), 100), credit("q", at(8, 0), 100)).cycles
    assert (first["truncated"], len(first["retained"])) == (False, 8)


def test_r8_void_has_no_fact_but_bounds_its_neighbour() -> None:
    lines = [credit("p", at(0), 100), credit("q", at(5), 60), credit("r", at(6), 60, reverses="q")]
    result = run(*lines)
    assert only(result)["truncated"]
    assert list(result.curves) == [("a", "2026-01-05")]


def test_r8_close_and_end_wait_for_allowed_lateness() -> None:
    lines = [credit("p", at(0), 100)]
    assert run(*lines, until=datetime.fromisoformat(at(9, 0))).cycles == []
    closed = run(*lines, until=datetime.fromisoformat(at(9, 0, 1)))
    assert len(closed.curves["a", only(closed)["cycle_payday"]]) == 8
    assert len(run(*lines, until=datetime.fromisoformat(at(33, 0))).curves["a", "2026-01-05"]) == 8
    assert len(run(*lines, until=datetime.fromisoformat(at(33, 0, 1))).curves["a", "2026-01-05"]) == 32


def test_r9_single_large_is_the_larger_of_amount_and_share_of_pay_so_far() -> None:
    pay = credit("p", at(0), 1_000_000)
    assert only(run(pay, out("x", at(1), 299_999)))["flags"] == []
    assert only(run(pay, out("x", at(1), 300_000)))["flags"] == ["single_large"]
    more = credit("q", at(2), 1_000_000)
    assert only(run(pay, more, out("x", at(3), 300_000)))["flags"] == []
    assert only(run(pay, more, out("x", at(1), 300_000)))["flags"] == ["single_large"]
    assert only(run(credit("p", at(0), 150_000), out("x", at(1), 99_999)))["flags"] == []


def test_r9_cumulative_large_at_a_transfer_of_any_amount() -> None:
    pay = credit("p", at(0), 1_000_000)
    halves = [out("x", at(1), 250_000), out("y", at(2), 249_999)]
    assert only(run(pay, *halves))["flags"] == []
    assert only(run(pay, *halves, out("z", at(7, 23), 1)))["flags"] == ["cumulative_large"]
    back = move("r", at(2, 13), 1, "in", "transfer", reverses="x")
    assert only(run(pay, *halves, back, out("z", at(7, 23), 1)))["flags"] == []


def test_r9_reversals_and_internal_transfers_raise_nothing() -> None:
    pay = credit("p", at(0), 1_000_000)
    undone, own = out("x", at(1), 900_000, reverses="w"), out("y", at(1), 900_000, **to("s", "own"))
    assert only(run(pay, undone, own, bank_code="own"))["flags"] == []


def test_r10_the_currency_of_the_first_accepted_posting() -> None:
    lines = [credit("p", at(0), 100), out("x", at(0), 1, currency="EUR"), out("p", at(0), 1, currency="EUR")]
    assert run(*lines).outcomes == ["applied", dead("currency_mismatch"), "duplicate"]


def test_habit_three_of_the_last_four_cycles() -> None:
    def month(n: int, amount: int, day: int = 1) -> list[Line]:
        return [credit(f"p{n}", at(35 * n), 1_000), out(f"x{n}", at(35 * n + day), amount, **to("landlord"))]

    history = month(0, 110) + month(1, 90) + month(2, 100, day=3) + month(3, 89)
    assert [c["habitual_out"] for c in run(*history, *month(4, 100)).cycles] == [0, 0, 0, 0, 100]
    assert [c["habitual_out"] for c in run(*history, *month(4, 100, day=6)).cycles] == [0, 0, 0, 0, 0]
    assert [c["habitual_out"] for c in run(*month(0, 110), *month(1, 90), *month(2, 100)).cycles] == [0, 0, 0]
    forgotten = month(0, 100) + month(1, 100) + month(2, 100) + month(3, 50) + month(4, 50)
    assert run(*forgotten, *month(5, 100)).cycles[-1]["habitual_out"] == 0


def test_habit_needs_a_counterparty_and_a_cycle_that_was_not_void() -> None:
    lines = []
    for n in range(4):
        lines += [credit(f"p{n}", at(35 * n), 1_000), out(f"x{n}", at(35 * n + 1), 100, **to("landlord"))]
        lines += [out(f"y{n}", at(35 * n + 2), 100)]
    assert run(*lines).cycles[-1]["habitual_out"] == 100
    undone = credit("r", at(36), 1_000, reverses="p1")
    assert [c["habitual_out"] for c in run(*lines, undone, rules={"lateness_hours": 5_000}).cycles] == [0] * 3


def test_keys_are_judged_before_the_clock_moves() -> None:
    lines = [
        credit("p", at(0), 100),
        out("x", at(9), 1, key=""),
        out("y", at(9), 1, key="b"),
        out("z", at(1), 1),
    ]
    assert run(*lines).outcomes == ["applied", dead("empty_key"), dead("key_mismatch"), "applied"]


def test_ticks_alone_move_the_clock() -> None:
    lines = [
        credit("p", at(5), 100),
        out("x", at(0), 1),
        tick(at(5)),
        tick(at(1)),
        out("y", at(5, 12, 5), 1),
        out("z", at(5, 12, 6), 1),
        out("w", at(4, 11), 1),
    ]
    result = reference(lines)
    assert result.outcomes == ["applied"] * 5 + [dead("future_timestamp"), dead("too_late")]
    assert result.clock == datetime.fromisoformat(at(5))
    lines[5] |= {"timestamp": datetime.fromisoformat(at(5, 12, 1)).timestamp() * 1000}
    assert reference(lines).outcomes[5] == "applied"
