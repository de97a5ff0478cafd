"""The playbook: shares are exact, what is invalid is refused, the defaults are the rules' (docs/rules.md#parameters)."""

from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.playbook import Playbook


def made(**parts: Any) -> Playbook:
    return Playbook.model_validate(parts)


@settings(max_examples=300, deadline=None)
@given(st.decimals(0, 1, places=6))
def test_a_share_read_from_yaml_is_exactly_what_was_written(share: Decimal) -> None:
    text = f"accounting: {{loyal_share: {share}}}"
    assert made(**yaml.safe_load(text)).accounting.loyal_share == share


@pytest.mark.parametrize("share", [0.3, "0.3", Decimal("0.3")])
def test_three_tenths_are_three_tenths(share: Any) -> None:
    assert made(flags={"single_share": share}).flags.single_share.as_integer_ratio() == (3, 10)


@pytest.mark.parametrize(
    "share", [-0.1, 1.1, 2, "1.0000001", float("nan"), float("inf"), True, None, [], 0.1234567891]
)
def test_what_is_no_share_is_refused(share: Any) -> None:
    with pytest.raises(ValidationError):
        made(accounting={"loyal_share": share})


@pytest.mark.parametrize("share", ["half", "", "30 %"])
def test_text_that_is_no_share_is_refused_like_the_rest(share: str) -> None:
    with pytest.raises(ValidationError):
        made(accounting={"loyal_share": share})


@pytest.mark.parametrize(
    "zone", ["Asia/Peking", "", "../etc/passwd", "/etc/localtime", "Asia", "x\x00y", "ASIA/SHANGHAI?"]
)
def test_a_zone_nobody_knows_is_refused_with_advice(zone: str) -> None:
    with pytest.raises(ValidationError, match="IANA"):
        made(bank={"timezone": zone})


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Prague", "UTC"])
def test_a_known_zone_is_accepted(zone: str) -> None:
    assert made(bank={"timezone": zone}).bank.timezone == zone


@pytest.mark.parametrize("part", ["bank", "accounting", "flags", "habit", "alert"])
def test_a_misspelt_number_is_refused_rather_than_ignored(part: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        made(**{part: {"mispelt": 1}})


def test_a_misspelt_part_is_refused_rather_than_ignored() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        made(acounting={})


@pytest.mark.parametrize(
    ("part", "field", "least", "most"),
    [
        ("accounting", "allowed_lateness_hours", 0, 168),
        ("accounting", "merge_days", 1, 27),
        ("accounting", "window_days", 0, 27),
        ("accounting", "curve_days", 28, 62),
        ("flags", "min_amount", 0, 10**15),
        ("habit", "day_tolerance", 0, 7),
        ("alert", "priority", 0, 100),
        ("alert", "habitual_priority", 0, 100),
        ("alert", "first_contact_hours", 1, 720),
        ("alert", "close_hours", 1, 720),
    ],
)
def test_a_number_has_its_range(part: str, field: str, least: int, most: int) -> None:
    for value in (least, most):
        assert getattr(getattr(made(**{part: {field: value}}), part), field) == value
    for value in (least - 1, most + 1, float(least), str(least), None):
        with pytest.raises(ValidationError):
            made(**{part: {field: value}})


def test_the_window_always_ends_before_the_curve() -> None:
    with pytest.raises(ValidationError):
        made(accounting={"window_days": 28, "curve_days": 28})


def test_a_habit_that_can_never_hold_is_refused() -> None:
    with pytest.raises(ValidationError):
        made(habit={"at_least": 4, "of_last": 3})


def test_the_shipped_playbook_is_the_design_s() -> None:
    book = Playbook()
    assert (book.name, book.version) == ("default", 1)
    assert (book.bank.code, book.bank.timezone, book.bank.currency, book.bank.calendar, book.bank.language) == (
        None, "Asia/Shanghai", "CNY", "CN", "zh",
    )  # fmt: skip
    assert book.accounting.model_dump() == {
        "allowed_lateness_hours": 24, "pending_limit": 1_000, "merge_days": 3, "window_days": 7, "curve_days": 31,
        "loyal_share": Decimal("0.5"),
    }  # fmt: skip
    assert book.flags.model_dump() == {
        "min_amount": 100_000, "single_share": Decimal("0.3"), "cumulative_share": Decimal("0.5"),
    }  # fmt: skip
    assert (book.habit.at_least, book.habit.of_last, book.habit.day_tolerance) == (3, 4, 2)
    assert (book.alert.first_contact_hours, book.alert.close_hours) == (24, 72)
    assert book.alert.habitual_priority < book.alert.priority


@pytest.mark.parametrize("version", [0, -1, "1", 1.0])
def test_a_version_counts_from_one(version: Any) -> None:
    with pytest.raises(ValidationError):
        made(version=version)


def test_a_playbook_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValidationError):
        Playbook().accounting.merge_days = 5  # type: ignore[misc]
