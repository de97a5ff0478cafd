import itertools
from datetime import date

import pytest

from streams.calendar.workdays import Shift, calendar_for
from streams.simulation.employers import Cadence, Employer, Payday, employers, paydays
from streams.simulation.population import Population

CN = calendar_for("CN")


def employer(cadence: Cadence, day: int, shift: Shift) -> Employer:
    return Employer("e", cadence, day, shift, "employed", "branch-000", 9 * 3600)


def days(paid: Employer, start: date, end: date) -> list[date]:
    return [payday.day for payday in paydays(paid, start, end, CN)]


@pytest.mark.parametrize(
    ("day", "shift", "expected"),
    [
        (28, "earlier", date(2026, 2, 28)),  # a Saturday, but made up: no shift
        (15, "earlier", date(2026, 2, 14)),  # a Saturday made up before the Spring Festival
        (15, "later", date(2026, 2, 24)),
        (15, "none", date(2026, 2, 15)),
    ],
)
def test_monthly_with_make_up_workdays(day: int, shift: Shift, expected: date) -> None:
    found = days(employer(Cadence.MONTHLY, day, shift), date(2026, 2, 1), date(2026, 3, 1))
    assert found == [expected]


def test_last_workday_of_each_month() -> None:
    found = days(employer(Cadence.LAST_WORKDAY, 31, "earlier"), date(2026, 1, 1), date(2026, 6, 1))
    # 28 February 2026 is a Saturday worked; the 30th and 31st of May are a weekend.
    assert [day.isoformat()[5:] for day in found] == ["01-30", "02-28", "03-31", "04-30", "05-29"]


def test_semi_monthly() -> None:
    # Tomb Sweeping Day takes the 5th of April, Labour Day the 5th of May.
    found = days(employer(Cadence.SEMI_MONTHLY, 5, "earlier"), date(2026, 3, 1), date(2026, 5, 1))
    assert [day.isoformat()[5:] for day in found] == ["03-05", "03-20", "04-03", "04-20", "04-30"]


@pytest.mark.parametrize(("cadence", "gap"), [(Cadence.WEEKLY, 7), (Cadence.BIWEEKLY, 14)])
def test_by_the_week(cadence: Cadence, gap: int) -> None:
    found = days(employer(cadence, 4, "none"), date(2026, 3, 1), date(2026, 6, 1))
    assert {(b - a).days for a, b in itertools.pairwise(found)} == {gap}
    assert {day.weekday() for day in found} == {3}


def test_a_shift_carries_a_pay_into_the_month_before() -> None:
    paid = employer(Cadence.MONTHLY, 1, "earlier")
    assert days(paid, date(2026, 10, 1), date(2026, 11, 1)) == [date(2026, 10, 30)]
    assert days(paid, date(2026, 9, 2), date(2026, 10, 1)) == [date(2026, 9, 30)]


def test_pays_that_fall_together_are_one_payday() -> None:
    # Due on Friday the 13th and, within the festival, on the 20th, which is paid on Saturday the 14th.
    weekly = employer(Cadence.WEEKLY, date(2026, 2, 13).toordinal() % 7, "earlier")
    found = paydays(weekly, date(2026, 2, 1), date(2026, 3, 1), CN)
    assert Payday((date(2026, 2, 13), date(2026, 2, 14)), False) in found
    assert [payday.day.day for payday in found] == [6, 13, 27]
    assert [payday.first_of_month for payday in found] == [True, False, False]


def test_a_small_population_has_every_cadence_and_every_source_of_days() -> None:
    found = employers(Population(1, 5, date(2026, 1, 1), 1))
    assert {one.cadence for one in found} == set(Cadence)


def test_every_payday_of_a_shifting_employer_is_a_workday() -> None:
    for one in employers(Population(1, 3000, date(2026, 1, 1), 1)):
        if one.shift != "none":
            assert all(map(CN.is_workday, days(one, date(2026, 1, 1), date(2027, 1, 1))))


def test_a_population_ends_after_its_months() -> None:
    assert Population(1, 1, date(2026, 1, 31), 1).end == date(2026, 2, 28)
    assert Population(1, 1, date(2025, 11, 5), 14).end == date(2027, 1, 5)
    with pytest.raises(ValueError, match="at least one"):
        Population(1, 0, date(2026, 1, 1), 1)
