"""How the groups log came about, and how it was worked off, decides nothing (A2, A4; X3)."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.instant import DAY
from tests.streams.groups.builders import Kept, Record
from tests.streams.groups.histories import History, histories, interleaved, with_broadcasts

examined = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def outcomes(kept: Kept, history: History) -> list[Any]:
    """All there is when every partition has come to its end, and long after."""
    kept.read(*history.last)
    found = [kept.outcome]
    clock = kept.partition.clock
    assert clock is not None, "all have spoken"
    kept.partition.advance(clock + 500 * DAY)
    return [*found, kept.work().outcome]


@examined
@given(histories(), st.data())
def test_the_order_in_which_partitions_come_together_changes_nothing(
    history: History, data: st.DataObject
) -> None:
    one, other = (data.draw(interleaved(history.partitions)) for _ in range(2))
    assert outcomes(Kept(history.rules).read(*one), history) == outcomes(
        Kept(history.rules).read(*other), history
    )


@examined
@given(histories(), st.data())
def test_where_sets_are_cut_how_decisions_are_sliced_and_restarts_change_nothing(
    history: History, data: st.DataObject
) -> None:
    log = data.draw(with_broadcasts(data.draw(interleaved(history.partitions)), history))
    at_once, sliced = Kept(history.rules, ahead=log).read(*log), Kept(history.rules, ahead=log)
    for record in log:
        sliced.read_only(record)
        what = data.draw(st.sampled_from(["nothing", "nothing", "take", "work", "restart"]))
        if what == "work":
            sliced.partition.work(data.draw(st.integers(1, 2)))
        elif what == "take":
            sliced.take()
        elif what == "restart":
            sliced.restart()
    assert outcomes(sliced, history) == outcomes(at_once, history)


@examined
@given(histories(), st.data())
def test_how_accounts_were_summed_up_changes_nothing(history: History, data: st.DataObject) -> None:
    log = data.draw(interleaved(history.partitions))
    apart = [part for record in log for part in split(record)]
    summed, single = (Kept(history.rules).read(*one, *history.last) for one in (log, apart))
    assert summed.outcome[:2] == single.outcome[:2]


def split(record: Record) -> list[Record]:
    """The same, of the first account and of the others; as two record sets would have said it."""
    if record.get("count", 1) == 1 or record["type"] == "closed":
        return [record]
    parts: list[Record] = [{**record, "count": 1}, {**record, "count": record["count"] - 1}]
    for name in ("was", "now"):
        on = record[name]
        if on is not None and on["amount"] > 1:
            for part, amount in zip(parts, (1, on["amount"] - 1), strict=True):
                part[name] = {**on, "amount": amount}
        elif on is not None:
            return [record]
    return parts
