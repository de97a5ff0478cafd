"""The Chinese sentence of an outflow alert, and in which language a task speaks (K13, T1, T2)."""

import pytest

from schemas.instant import MINUTE
from schemas.tasks import Habitual, Task, TaskReason
from streams.intervention.sentences import sentence
from tests.streams.builders import LARGE, Kept, rules
from tests.streams.wording.test_sentences import TASK, changed, with_reason

HABIT = Habitual(amount=500_000, day=2, hour=9)


def said(task: Task) -> str:
    return sentence(task, "zh")


def test_a_new_alert_is_the_published_example() -> None:
    assert said(TASK) == TASK.sentence
    assert said(TASK) == (
        "账户A-100234：发薪日2026-01-05后第2天单笔转出5,000.00元（提醒线3,750.00），工资还剩56%；请在24小时内致电客户。"
    )


def test_on_payday_itself_and_without_a_curve() -> None:
    assert "：发薪日2026-01-05当天单笔转出" in said(changed(curve=TASK.curve[:1]))
    assert "：发薪日2026-01-05所在周期内单笔转出" in said(changed(curve=[]))


def test_an_update_tells_its_newest_reason() -> None:
    more = TaskReason(
        rule="cumulative_large", observed=700_000, threshold=625_000, event_id="e", habitual=None
    )
    text = said(changed(version=2, reasons=[*TASK.reasons, more]))
    assert text.startswith(
        "账户A-100234（第2版）：发薪日2026-01-05后第2天累计转出7,000.00元（提醒线6,250.00）"
    )


def test_a_habit_is_told() -> None:
    assert "，属习惯性转账（通常在发薪后第2天9点左右转出5,000.00），" in said(with_reason(habitual=HABIT))
    on_payday = HABIT.model_copy(update={"day": 0})
    assert "通常在发薪日当天9点左右" in said(with_reason(habitual=on_payday))


@pytest.mark.parametrize(
    ("retained", "text"),
    [("0.000000", "工资已无剩余"), ("0.000001", "工资还剩不到1%"), ("0.999999", "工资还剩99%以上")],
)
def test_what_is_left_of_the_pay(retained: str, text: str) -> None:
    last = TASK.curve[-1].model_copy(update={"retained": retained})
    assert f"，{text}；" in said(changed(curve=[last]))


def test_the_call() -> None:
    assert said(changed(first_contact_due=TASK.created_at)).endswith("；已过致电时限，请尽快联系客户。")
    soon = changed(first_contact_due=TASK.created_at + 30 * MINUTE)
    assert said(soon).endswith("；请在30分钟内致电客户。")


def test_an_ended_task_asks_for_nothing() -> None:
    moved = said(changed(status="superseded", ended_by="payday_moved"))
    assert (
        moved == "账户A-100234：补到一笔更早的工资入账，发薪日已变，原发薪日2026-01-05的提醒作废，无需处理。"
    )
    back = said(changed(status="superseded", ended_by="cancelled"))
    assert back == "账户A-100234：发薪日2026-01-05后转出的资金已退回，提醒所列转账均已冲正，无需处理。"


def test_another_currency_than_the_yuan_goes_by_its_code() -> None:
    assert "转出5,000.00 CZK（" in said(changed(currency="CZK"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_task_speaks_the_language_of_the_playbook(language: str) -> None:
    (task,) = Kept(rules(bank={"language": language})).read(*LARGE).take().tasks
    assert task.sentence == sentence(task, language)
    assert task.subject == task.account_id


def test_a_kind_that_is_not_known_here_speaks_for_itself() -> None:
    assert sentence(changed(kind="new_kind", sentence="你好\x1b"), "en") == "你好?"
    assert sentence(changed(kind="new_kind", sentence=None), "en") == "new_kind 1: open"


def test_an_id_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in said(changed(account_id="\x1b]0;gotcha\x07"))
