"""A partition of the groups log: what it decides, when, and what it says (A2, A9, E1, E2, E6)."""

from datetime import datetime, timedelta

import pytest

from schemas.answers import EmployerAnswer
from schemas.facts import EmployerPayday
from schemas.instant import from_datetime
from streams.groups import keys
from streams.groups.partition import MOST_ANSWERS
from streams.state.envelope import StateFormatError
from tests.streams.groups.builders import Kept, closed, line, local, paid, watermark

PAYDAY = "2026-03-05"
MORNING = local("2026-03-05 10:00")
FOUR = local("2026-03-06 04:00")
LATER = local("2026-03-06 04:01")
INSTANT = timedelta(microseconds=1)


def paid_staff(heads: int = 3) -> Kept:
    """A partition that knows an employer with some heads, after the 04:00 that follows its payday."""
    return Kept().read(paid(MORNING, PAYDAY, count=heads), watermark(LATER))


def months(n: int) -> str:
    return f"{2026 + (n + 2) // 12}-{(n + 2) % 12 + 1:02}-05"


def test_a_payday_is_a_fact_and_an_answer_at_the_next_four_o_clock() -> None:
    kept = paid_staff()
    [fact], [(partition, answer)] = kept.facts, kept.answers
    assert (fact["payday"], fact["heads"], fact["pay"], fact["counted"]) == (PAYDAY, 3, 3_000_000, True)
    assert fact["at"] == "2026-03-05T20:00:00Z", "04:00 in Shanghai"
    assert (partition, answer["head_count"], answer["last_payday"]) == (0, 3, PAYDAY)
    assert (answer["at"], answer["from"]) == ("2026-03-05T20:00:00Z", "2026-03-06T01:00:00Z"), (
        "held from 09:00"
    )


def test_what_is_said_is_the_published_word_to_the_byte() -> None:
    kept = paid_staff().read(closed(LATER, PAYDAY, product_count=4), watermark(LATER + timedelta(days=1)))
    words = {"payday.facts.v1": EmployerPayday, "payday.journal.v1": EmployerAnswer}
    for one in kept.emitted:
        word = words[one.topic].model_validate_json(one.to_json())
        assert word.model_dump_json().encode() == one.to_json()


def test_nothing_is_decided_on_arrival() -> None:
    kept = Kept().read(watermark(MORNING), paid(MORNING, PAYDAY, count=3), watermark(FOUR))
    assert kept.emitted == [], "04:00 is not over"
    assert kept.read(watermark(FOUR + INSTANT)).facts, "now it is"


def test_there_is_no_clock_until_every_partition_of_the_journal_has_spoken() -> None:
    kept = Kept().read(paid(MORNING, PAYDAY, count=3), watermark(LATER, 0, 2))
    assert (kept.partition.clock, kept.emitted) == (None, [])
    kept.read(watermark(FOUR, 1, 2))
    assert (kept.partition.clock, kept.emitted) == (from_datetime(FOUR), []), "the least of them"
    assert kept.read(watermark(LATER, 1, 2)).facts


def test_a_watermark_that_goes_back_changes_nothing() -> None:
    kept = Kept().read(watermark(LATER, 0, 2), watermark(MORNING, 0, 2), watermark(LATER, 1, 2)).take()
    assert (kept.partition.clock, kept.dead) == (from_datetime(LATER), [])


def test_a_record_at_four_o_clock_sharp_belongs_to_the_next_decision() -> None:
    kept = Kept().read(paid(FOUR - INSTANT, PAYDAY, count=2), paid(FOUR, PAYDAY, count=5), watermark(LATER))
    assert [fact["heads"] for fact in kept.facts] == [2]
    kept.read(watermark(LATER + timedelta(days=1)))
    assert [fact["heads"] for fact in kept.facts] == [2, 7]


def test_a_partition_that_runs_ahead_does_not_change_the_decisions_of_days_before() -> None:
    ahead = local("2026-04-05 10:00")
    kept = Kept().read(
        watermark(MORNING, 0, 2),
        paid(ahead, "2026-04-05", count=9, partition=1, previous=PAYDAY),
        watermark(ahead, 1, 2),
        paid(MORNING, PAYDAY, count=3),
        watermark(ahead, 0, 2),
    )
    assert [fact["payday"] for fact in kept.facts] == [PAYDAY]
    assert [answer["head_count"] for _, answer in kept.answers] == [3]
    assert [partition for partition, _ in kept.answers] == [0], "the other has not been heard of by then"


def test_what_was_said_is_taken_back() -> None:
    moved = paid(LATER, "2026-03-06", was=PAYDAY, count=3)
    kept = paid_staff().read(moved, watermark(LATER + timedelta(days=1)))
    assert [(fact["payday"], fact["heads"], fact["pay"]) for fact in kept.facts[1:]] == [
        (PAYDAY, 0, 0),
        ("2026-03-06", 3, 3_000_000),
    ]
    assert kept.answers[-1][1]["last_payday"] == "2026-03-06"
    assert kept.facts[0]["fact_id"] == kept.facts[1]["fact_id"], "the later fact replaces the earlier"
    assert kept.facts[0]["version"] < kept.facts[1]["version"]


def test_a_move_within_a_payday_that_changes_no_figure_is_no_fact() -> None:
    kept = Kept().read(paid(MORNING, "2026-03-04"), paid(MORNING, PAYDAY, count=3), watermark(LATER))
    kept.read(paid(LATER, PAYDAY, was="2026-03-04"), watermark(LATER + timedelta(days=1)))
    assert [(fact["payday"], fact["heads"]) for fact in kept.facts] == [(PAYDAY, 4)]


def test_closed_cycles_enter_the_fact_of_their_payday() -> None:
    at = local("2026-03-14 00:00")
    kept = paid_staff().read(
        closed(at, PAYDAY, count=2, product_count=5),
        closed(at, PAYDAY, **{"class": "transfer_out"}, kept=1, newly_mover=True, product_count=3),
        watermark(at + timedelta(days=1)),
    )
    fact = kept.facts[-1]
    assert (fact["closed"], fact["loyal"], fact["transfer_out"], fact["spend_down"]) == (3, 2, 1, 0)
    assert (fact["retention"], fact["newly_movers"]) == ("0.600000", 1)
    assert fact["coverage"] == {"known": 3, "products": 13, "three": 3, "five": 2}
    assert len(kept.answers) == 1, "nothing that the journal is told has changed"


def test_a_partition_heard_of_for_the_first_time_is_told_what_the_others_know() -> None:
    again = paid(LATER, PAYDAY, count=1, partition=7)
    back = paid(LATER, None, was=PAYDAY, count=1, partition=7)
    kept = Kept().read(paid(MORNING, PAYDAY, count=3), *(watermark(LATER, n, 8) for n in range(8)))
    kept.read(again, back, *(watermark(LATER + timedelta(days=1), n, 8) for n in range(8)))
    (first, old), (second, new) = kept.answers
    assert (first, second) == (0, 7)
    assert {**old, "at": 0, "from": 0} == {**new, "at": 0, "from": 0}


def test_a_changed_answer_goes_to_every_partition_heard_of_and_to_no_other() -> None:
    kept = Kept().read(
        paid(MORNING, PAYDAY, count=3, partition=2),
        paid(MORNING, PAYDAY, count=3, partition=4),
        paid(MORNING, PAYDAY, count=3, partition=9),  # the journal does not have it
        *(watermark(LATER, n, 5) for n in range(5)),
    )
    assert [partition for partition, _ in kept.answers] == [2, 4]


def test_an_employer_of_one_is_a_fact_but_no_answer() -> None:
    kept = paid_staff(heads=1)
    assert (len(kept.facts), kept.answers) == (1, [])


def test_an_employer_that_falls_below_two_is_said_to_be_gone() -> None:
    kept = paid_staff(heads=2).read(paid(LATER, None, was=PAYDAY), watermark(LATER + timedelta(days=1)))
    assert [answer["gone"] for _, answer in kept.answers] == [False, True]


def test_a_payday_counts_once_more_than_half_were_paid_and_lowers_the_head_count_by_a_quarter_at_most() -> (
    None
):
    april = local("2026-04-05 10:00")
    half = paid(april, "2026-04-05", count=50, previous=PAYDAY)
    more = paid(april + timedelta(days=1), "2026-04-06", count=1, previous=PAYDAY)
    kept = paid_staff(heads=100).read(half, watermark(april + timedelta(days=1)))
    assert (kept.facts[-1]["counted"], kept.facts[-1]["head_count"]) == (False, 100)
    kept.read(more, watermark(april + timedelta(days=2)))
    assert (kept.facts[-1]["counted"], kept.facts[-1]["head_count"], kept.facts[-1]["heads"]) == (
        True,
        75,
        51,
    )
    assert kept.facts[-1]["payday"] == "2026-04-05", "the most frequent date"


def test_a_group_goes_400_days_after_its_last_record() -> None:
    kept = paid_staff().until(FOUR + timedelta(days=400))
    assert [answer["gone"] for _, answer in kept.answers] == [False]
    kept.until(FOUR + timedelta(days=400) + INSTANT)
    partition, answer = kept.answers[-1]
    assert (partition, answer["gone"], answer["at"]) == (0, True, "2027-04-09T20:00:00Z")
    assert list(kept.table) == [b"\x00watermarks"], "nothing of it is left"


def test_what_is_told_in_time_keeps_a_group_for_another_400_days() -> None:
    last = FOUR + timedelta(days=400) - INSTANT
    kept = paid_staff().read(closed(last, str((last - timedelta(days=9)).date())))
    kept.until(last + timedelta(days=400))
    assert [answer["gone"] for _, answer in kept.answers] == [False]
    kept.until(last + timedelta(days=402))
    assert [answer["gone"] for _, answer in kept.answers] == [False, True]


def test_a_group_that_comes_back_while_it_goes_begins_anew() -> None:
    back = FOUR + timedelta(days=500)
    record = paid(back, str(back.date()), count=4, partition=1)
    kept = Kept().read(paid(MORNING, PAYDAY, count=3), watermark(LATER, 0, 2), record, watermark(back, 1, 2))
    kept.read(*(watermark(back + timedelta(days=2), n, 2) for n in range(2)))
    assert [(n, one["gone"], one["head_count"]) for n, one in kept.answers] == [
        (0, False, 3),
        (0, True, 3),
        (1, False, 4),
    ]


def test_a_transaction_carries_at_most_500_answers() -> None:
    told = [
        paid(MORNING, PAYDAY, count=2, employer=f"e{n}", partition=partition)
        for n in range(6)
        for partition in range(200)
    ]
    kept = Kept()
    kept.partition.read_all([line(one) for one in [*told, *(watermark(LATER, n, 200) for n in range(200))]])
    sizes = []
    while kept.partition.backlog:
        before = len(kept.emitted)
        kept.partition.work(1_000)
        sizes.append(sum(one.addressed_to is not None for one in kept.take().emitted[before:]))
        assert len(sizes) < 100, "it does not come to an end"
    assert sum(sizes) == 6 * 200
    assert max(sizes) <= MOST_ANSWERS


def test_an_open_payday_of_two_years_is_settled_and_24_observations_are_kept() -> None:
    kept = Kept()
    for n in range(30):
        at = local(f"{months(n)} 10:00")
        kept.read(paid(at, months(n), count=5), closed(at + timedelta(days=8), months(n), count=5))
        kept.read(watermark(at + timedelta(days=9)))
    assert kept.answers[-1][1]["last_payday"] == months(29)
    assert [fact["payday"] for fact in kept.facts if fact["closed"]] == [months(n) for n in range(30)]
    assert len(kept.table) < 40, "what no longer changes has gone"
    assert sum(keys.parts_of(key)[1] == keys.MONTH for key in kept.table if keys.is_of_group(key)) == 24
    assert kept.dead == []


def test_a_state_of_a_newer_version_stops_the_worker() -> None:
    kept = paid_staff()
    kept.table = {key: bytes([2]) + value[1:] for key, value in kept.table.items()}
    with pytest.raises(StateFormatError, match="format 2"):
        kept.restart()


def test_days_begin_where_the_bank_is() -> None:
    at = datetime.fromisoformat("2026-03-05T19:59:59.999999+00:00")  # one microsecond before 04:00
    kept = Kept().read(paid(at, "2026-03-06", count=2), watermark(LATER))
    assert [fact["payday"] for fact in kept.facts] == ["2026-03-06"]


def test_a_payday_may_change_for_100_days_and_the_head_counts_after_it_change_with_it() -> None:
    kept = paid_staff(heads=100)
    for n in range(1, 3):
        at = local(f"{months(n)} 10:00")
        kept.read(paid(at, months(n), count=70, previous=months(n - 1)), watermark(at + timedelta(days=1)))
    last = MORNING + timedelta(days=100)
    kept.read(paid(last, None, was=PAYDAY, count=60), watermark(last + timedelta(days=1)))
    assert [(fact["payday"], fact["heads"], fact["head_count"]) for fact in kept.facts[-2:]] == [
        (PAYDAY, 40, 40),
        (months(1), 70, 70),  # it was 75: a quarter less than 100
    ]
    assert kept.dead == []
