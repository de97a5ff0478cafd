"""The playbook: every threshold a decision depends on, with a name and a version (docs/rules.md#parameters)."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from schemas.strict import Currency, Name, StrictModel, Text

FIRST_SCHEMA: Final = 1
PLAYBOOK_SCHEMA: Final = 1
"""The number of the form below; one more with each release that adds a field (B1)."""
ADDED: Final[dict[str, tuple[int, Any]]] = {}
"""Each field that the first form had not, by its path (``part`` or ``part.field``): in which form it came, and what a
playbook without it means. That is what the service did before: else a log would be decided otherwise by a newer version.
A part that brings a kind of task may be null, and is null here: the kind raises nothing."""


class PlaybookRef(StrictModel):
    """The rules a decision was made under."""

    name: Text
    version: int


def _exact(value: Any) -> Any:
    # Through text, so that a YAML 0.3 means three tenths and not the nearest binary fraction.
    if type(value) not in (int, float, str):
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"not a number: {value!r}") from error


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}; use an IANA name such as Asia/Shanghai") from error
    return name


Share = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=1, max_digits=9)]
Zone = Annotated[str, AfterValidator(_known_zone)]


class _Part(StrictModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Bank(_Part):
    """The bank itself. ``code`` null: no transfer counts as internal by its counterparty; ``language``: of the
    sentences in tasks."""

    code: Name | None = None
    timezone: Zone = "Asia/Shanghai"
    currency: Currency = "CNY"
    language: Literal["zh", "en"] = "zh"
    calendar: Name = "CN"


class Accounting(_Part):
    """R1 to R8, R11. Lateness in elapsed hours, ``pending_limit`` in postings, the rest in local days."""

    allowed_lateness_hours: Annotated[int, Field(ge=0, le=168)] = 24
    pending_limit: Annotated[int, Field(ge=1, le=10_000)] = 1_000
    merge_days: Annotated[int, Field(ge=1, le=27)] = 3
    window_days: Annotated[int, Field(ge=0, le=27)] = 7
    curve_days: Annotated[int, Field(ge=28, le=62)] = 31
    loyal_share: Share = Decimal("0.5")


class Flags(_Part):
    """R9. ``min_amount`` in minor units."""

    min_amount: Annotated[int, Field(ge=0, le=10**15)] = 100_000
    single_share: Share = Decimal("0.30")
    cumulative_share: Share = Decimal("0.50")


class HabitRules(_Part):
    """When a transfer is habitual (T3)."""

    amount_tolerance: Share = Decimal("0.10")
    day_tolerance: Annotated[int, Field(ge=0, le=7)] = 2
    of_last: Annotated[int, Field(ge=1, le=6)] = 4
    at_least: Annotated[int, Field(ge=1, le=6)] = 3

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        if self.at_least > self.of_last:
            raise ValueError("at_least must not be more than of_last")
        return self


class AlertRules(_Part):
    """The ``outflow_alert`` task: priorities 0 to 100, deadlines in elapsed hours (T1)."""

    priority: Annotated[int, Field(ge=0, le=100)] = 80
    habitual_priority: Annotated[int, Field(ge=0, le=100)] = 40
    first_contact_hours: Annotated[int, Field(ge=1, le=720)] = 24
    close_hours: Annotated[int, Field(ge=1, le=720)] = 72


class Playbook(_Part):
    """All of it; the defaults are the shipped playbook."""

    name: Name = "default"
    version: Annotated[int, Field(ge=1)] = 1
    bank: Bank = Bank()
    accounting: Accounting = Accounting()
    flags: Flags = Flags()
    habit: HabitRules = HabitRules()
    alert: AlertRules = AlertRules()


def completed(values: Mapping[str, Any], schema: int) -> dict[str, Any]:
    """The values of a playbook in the form of number ``schema``, with what that form had not. What it had and they have
    not stays missing."""
    whole = dict(values)
    for path, (since, before) in ADDED.items():
        part, _, field = path.partition(".")
        if since <= schema:
            continue
        if not field:
            whole.setdefault(part, before)
        elif isinstance(whole.get(part), Mapping):
            whole[part] = {field: before, **whole[part]}
    return whole
