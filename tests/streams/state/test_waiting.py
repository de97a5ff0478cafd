"""The index of pending postings says what looking through them would (R3)."""

from hypothesis import given
from hypothesis import strategies as st

from streams.accounting import deadlines, reorder
from streams.state.account import Account
from streams.state.posting import Effect
from streams.state.waiting import FEW, Waiting, first_credit
from tests.streams.builders import EFFECTS, SHIPPED, posting, quick, when

drawn = st.lists(st.tuples(st.integers(0, 20), st.sampled_from(EFFECTS)), max_size=3 * FEW)


@quick
@given(drawn, drawn, st.integers(0, 3 * FEW))
def test_it_knows_what_a_look_at_all_of_them_would_find(
    first: list[tuple[int, int]], more: list[tuple[int, int]], folded: int
) -> None:
    account = Account("a")
    for n, (minute, effect) in enumerate(first):
        reorder.insert(account, posting(f"e{n}", when(0, 0, minute), effect))
    account.many_waiting()
    for n, (minute, effect) in enumerate(more):
        reorder.insert(account, posting(f"f{n}", when(0, 0, minute), effect))
    count = min(folded, len(account.pending))
    if count:
        reorder.fold_oldest(account, count, SHIPPED)
    index = account.many_waiting()
    assert (index is None) == (len(account.pending) <= FEW), "an index is made only where it pays"
    index = index or Waiting(account.pending)
    assert index.event_ids == {one.event_id for one in account.pending}
    assert index.leaving == sum(one.effect == Effect.LEAVING for one in account.pending)
    assert index.credit_at == first_credit(account.pending)


def test_a_duplicate_and_a_deadline_are_found_among_many() -> None:
    account = Account("a")
    for n in range(FEW):
        reorder.insert(account, posting(f"s{n}", when(1, 0, n), Effect.SPENT))
    without = deadlines.next_deadline(account, SHIPPED)
    reorder.insert(account, posting("p", when(0), Effect.CREDIT))
    assert reorder.is_duplicate(account, "p")
    assert not reorder.is_duplicate(account, "q")
    assert deadlines.next_deadline(account, SHIPPED) == when(0) + SHIPPED.lateness < without
