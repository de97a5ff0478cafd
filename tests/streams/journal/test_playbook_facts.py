"""What each partition says of the playbooks it reads: a fact for one that it takes, and for one that it refuses (B1)."""

from typing import Any

from schemas.instant import format_instant
from tests.reference.lines import at, tick
from tests.streams.builders import Kept, plain, when
from tests.streams.journal.test_control import book, change
from tests.streams.journals import playbook_line


def said(kept: Kept) -> list[dict[str, Any]]:
    return [plain(fact) for fact in kept.take().facts]


def test_a_playbook_that_is_taken_is_a_fact_with_the_instant_from_which_it_holds() -> None:
    kept = Kept(number=3).read(change(when(0)), tick(at(7)), change(when(5), 3), change(when(9), 4))
    found = [[fact[name] for name in ("number", "since", "at", "partition")] for fact in said(kept)]
    clock = format_instant(when(7))
    assert found == [[0, None, None, 3], [1, clock, clock, 3], [2, format_instant(when(9)), clock, 3]]
    assert [fact["playbook"]["version"] for fact in said(kept)] == [2, 3, 4]


def test_a_playbook_that_is_refused_is_a_fact_with_the_reason_of_its_dead_letter() -> None:
    kept = Kept(number=3).read(tick(at(0)), change(when(0)), change(when(1), 3, bank={"code": "ANOTHER"}))
    _, refused = said(kept)
    assert refused["fact"] == "playbook_refused"
    assert [refused["detail"]] == [dead.rejection.detail for dead in kept.dead]
    assert (refused["playbook"], refused["since"]) == (
        {"name": "default", "version": 3},
        format_instant(when(1)),
    )


def test_one_that_has_no_name_and_version_is_refused_all_the_same() -> None:
    [refused] = said(Kept().read(playbook_line({"name": 7}, at(0))))
    assert (refused["playbook"], refused["at"]) == (None, None)


def test_a_fact_keeps_its_id_in_a_replay_and_no_two_share_one() -> None:
    lines = [change(when(0)), change(when(1), 3), change(when(1), 4, bank={"code": "ANOTHER"})]
    first, again = (said(Kept(number=1).read(*lines)) for _ in range(2))
    other = said(Kept(number=2).read(*lines))
    assert first == again
    assert len({fact["fact_id"] for fact in first + other}) == 6


def test_partitions_say_the_same_but_for_their_number() -> None:
    lines = [playbook_line(book(), at(0)), change(when(1), 3, accounting={"merge_days": 0})]
    apart = {"partition": None, "fact_id": None}
    one, other = ([fact | apart for fact in said(Kept(number=n).read(*lines))] for n in (1, 2))
    assert one == other
