"""What people read: money, shares, spans and the sentence of a task."""

from pathlib import Path
from typing import Any

import pytest

from schemas.instant import HOUR, MINUTE
from schemas.tasks import Habitual, Task, TaskReason
from streams.intervention.sentences import sentence as said
from streams.wording.sentences import money, number, percent, printable, span

EXAMPLE = Path(__file__).parents[3] / "schemas" / "examples" / "task.json"
TASK = Task.model_validate_json(EXAMPLE.read_text(encoding="utf-8"))
HABIT = Habitual(amount=500_000, day=2, hour=9)


def sentence(task: Task) -> str:
    return said(task, "en")


def changed(**fields: Any) -> Task:
    return TASK.model_copy(update=fields)


def with_reason(**fields: Any) -> Task:
    return changed(reasons=[TASK.reasons[0].model_copy(update=fields)])


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (550_400, "CZK", "5 504.00 CZK"),
        (1, "CNY", "0.01 CNY"),
        (0, "CNY", "0.00 CNY"),
        (-12_345, "EUR", "-123.45 EUR"),
        (-5, "EUR", "-0.05 EUR"),
        (1_234_567, "JPY", "1 234 567 JPY"),
        (1_234_567, "KWD", "1 234.567 KWD"),
        (12_345, "CLF", "1.2345 CLF"),
        (10**15, "CNY", "10 000 000 000 000.00 CNY"),
        (100, "", "1.00"),
    ],
)
def test_money_has_the_minor_units_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert money(amount, currency) == text


def test_a_number_goes_without_its_currency() -> None:
    assert number(477_030, "CZK") == "4 770.30"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        ("0.528080", "53 %"),
        ("0.525000", "52 %"),
        ("1.000000", "100 %"),
        ("0.000000", "0 %"),
        ("0.000001", "under 1 %"),
        ("0.999999", "over 99 %"),
        ("0.010000", "1 %"),
        (None, None),
    ],
)
def test_a_share_is_rounded_but_never_to_nothing_or_all(share: str | None, text: str | None) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (24 * HOUR, "24 hours"),
        (HOUR, "1 hour"),
        (HOUR - 1, "59 minutes"),
        (MINUTE, "1 minute"),
        (0, "0 minutes"),
    ],
)
def test_a_span_is_in_hours_or_minutes(duration: int, text: str) -> None:
    assert span(duration) == text


def test_a_new_alert() -> None:
    assert sentence(TASK) == (
        "Account A-100234: 5 000.00 CNY left in one transfer 2 days after payday 2026-01-05 "
        "(limit 3 750.00), 56 % of the pay is still there; call within 24 hours."
    )


def test_on_payday_itself_and_a_day_later() -> None:
    assert " on payday 2026-01-05 " in sentence(changed(curve=TASK.curve[:1]))
    assert " 1 day after payday " in sentence(changed(curve=TASK.curve[:2]))


def test_an_update_tells_its_newest_reason() -> None:
    more = TaskReason(
        rule="cumulative_large", observed=700_000, threshold=625_000, event_id="e", habitual=None
    )
    text = sentence(changed(version=2, reasons=[*TASK.reasons, more]))
    assert text.startswith(
        "Account A-100234 (update 2): 7 000.00 CNY have left in transfers so far 2 days after "
    )
    assert "(limit 6 250.00)" in text


def test_of_two_rules_that_one_transfer_met_the_plainer_is_told() -> None:
    both = [TASK.reasons[0], TASK.reasons[0].model_copy(update={"rule": "cumulative_large"})]
    assert "left in one transfer" in sentence(changed(reasons=both))


def test_a_habit_is_told() -> None:
    assert ", a habit (usually 5 000.00 on day 2 at 09:00), " in sentence(with_reason(habitual=HABIT))
    on_payday = HABIT.model_copy(update={"day": 0})
    assert "on payday at 09:00" in sentence(with_reason(habitual=on_payday))


def test_nothing_left_or_nothing_known_of_it() -> None:
    last = TASK.curve[-1]
    nothing = changed(curve=[last.model_copy(update={"retained": "0.000000"})])
    assert "nothing of the pay is still there" in sentence(nothing)
    assert "still there" not in sentence(changed(curve=[last.model_copy(update={"retained": None})]))
    assert "in the cycle of payday 2026-01-05 (limit" in sentence(changed(curve=[]))


def test_a_call_that_is_overdue() -> None:
    assert sentence(changed(first_contact_due=TASK.created_at)).endswith("; the call is overdue.")
    in_half_an_hour = changed(first_contact_due=TASK.created_at + 30 * MINUTE)
    assert sentence(in_half_an_hour).endswith("; call within 30 minutes.")


def test_a_superseded_task() -> None:
    assert sentence(changed(status="superseded", version=2)) == (
        "Account A-100234: the alert for payday 2026-01-05 no longer holds, a late credit moved the payday; "
        "nothing to do."
    )


def test_a_cancelled_task() -> None:
    assert sentence(changed(status="superseded", ended_by="cancelled", version=2)) == (
        "Account A-100234: the money that left after payday 2026-01-05 has come back, every transfer the alert "
        "tells of was reversed; nothing to do."
    )


def test_no_person_is_named_but_by_the_account() -> None:
    text = sentence(with_reason(habitual=HABIT))
    for secret in (TASK.customer_id, TASK.employer_id, TASK.reasons[0].event_id, str(TASK.manager_id)):
        assert secret not in text


def test_an_id_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[31m\nb工资") == "a?[31m?b工资"
    assert "\x1b" not in sentence(changed(account_id="\x1b]0;gotcha\x07"))
