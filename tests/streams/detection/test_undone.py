"""What a cycle remembers of the transfers that were undone by name (R11, T2)."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.tasks import Task
from streams.detection.flags import note_undone
from streams.state.account import Cycle
from streams.state.remembered import Hit
from tests.reference.lines import PAYDAY, Line, at, credit, move, out, tick
from tests.streams.builders import Kept, quick, rules

LIMIT = 3
FEW = rules(accounting={"pending_limit": LIMIT})
PAY = credit("p", at(0, 0), 1_000_000)


def cycle_with(*hits: str) -> Cycle:
    known = [Hit(rule, 1, 1, name, 0, None) for rule, name in zip(("single", "more"), hits, strict=False)]
    return Cycle(1, "e", "s", "c", 0, 0, pay=1_000, hits=known, closed=True)


def others_undone(count: int, hour: int) -> list[Line]:
    return [
        move(
            f"o{n:03}",
            (PAYDAY + timedelta(hours=hour, seconds=n)).isoformat(),
            1,
            "in",
            "transfer",
            reverses=f"z{n}",
        )
        for n in range(count)
    ]


def summary(tasks: list[Task]) -> list[tuple[int, str | None, list[str]]]:
    return [(one.version, one.ended_by, [r.event_id for r in one.reasons]) for one in tasks]


@quick
@given(st.lists(st.integers(0, 40), unique=True))
def test_the_last_are_remembered_and_those_that_met_a_rule_first(undone: list[int]) -> None:
    cycle = cycle_with("0", "1")
    for place, one in enumerate(undone, 1):
        note_undone(cycle, str(one), FEW)
        named = [str(other) for other in undone[:place]]
        assert set(named[-LIMIT:]) | ({"0", "1"} & set(named)) <= set(cycle.undone), (
            "a reason would stand again"
        )
        assert list(cycle.undone) == [name for name in named if name in cycle.undone], "out of order"
        assert len(cycle.undone) <= 2 * LIMIT + 2


def test_a_transfer_that_was_told_of_already_is_undone_like_any_other() -> None:
    many = [out(f"x{n:03}", (PAYDAY + timedelta(hours=1, seconds=n)).isoformat(), 1) for n in range(50)]
    kept = Kept(FEW).read(PAY, out("large", at(0, 0, 1), 400_000), *many, tick(at(3)))
    cycle = kept.accounts["a"].cycle
    assert cycle is not None
    assert "large" not in [one.event_id for one in cycle.leaving], "it is still held"
    kept.read(move("r", at(3), 400_000, "in", "transfer", reverses="large"))
    assert summary(kept.take().tasks) == [(1, None, ["large"]), (2, "cancelled", ["large"])]


def test_it_stays_cancelled_however_many_others_are_undone_later() -> None:
    back = move("r", at(0, 2), 400_000, "in", "transfer", reverses="large")
    kept = Kept(FEW).read(PAY, out("large", at(0, 1), 400_000), back, *others_undone(50, 3), tick(at(3)))
    kept.read(credit("more", at(3), 1), out("small", at(3, 13), 1))
    assert summary(kept.restart().tasks) == [(1, None, ["large"]), (2, "cancelled", ["large"])]
