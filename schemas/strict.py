"""What every published word has in common: strict types, unknown fields ignored (J3).

A field's description says what is expected there. It is published with the schema, and a dead letter's
detail repeats it (``expected``).
"""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from schemas.currency import CURRENCIES, check_currency

EMPLOYER_PREFIX: Final = "employer:"
"""Begins the key of an employer's group, so no account may be called so (J3)."""

# Control characters reach terminals; marks of direction and characters without width make two ids look alike.
_HIDDEN: Final = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
)
_PLAIN: Final = f"^[^{_HIDDEN}]*$"
_NONE_HIDDEN: Final = "none of them control or invisible"


class StrictModel(BaseModel):
    """Base of every event, fact, task and playbook part."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def _no_employer(account_id: str) -> str:
    if account_id.startswith(EMPLOYER_PREFIX):
        raise ValueError("the id of an employer's group")
    return account_id


def _trimmed(text: str) -> str:
    if text != text.strip():
        raise ValueError("begins or ends with a space")
    return text


Id = Annotated[
    str,
    Field(
        min_length=1, max_length=64, pattern=_PLAIN, description=f"text of 1 to 64 characters, {_NONE_HIDDEN}"
    ),
]
"""An identifier, 1 to 64 characters."""

AccountId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=_PLAIN,
        description=f"text of 1 to 64 characters, {_NONE_HIDDEN}, not beginning with {EMPLOYER_PREFIX}",
        json_schema_extra={"not": {"pattern": f"^{EMPLOYER_PREFIX}"}},
    ),
    AfterValidator(_no_employer),
]
"""The identifier of an account."""

Text = Annotated[
    str,
    Field(max_length=64, pattern=_PLAIN, description=f"text of at most 64 characters, {_NONE_HIDDEN}"),
]
"""A short text such as a bank code, 0 to 64 characters."""

Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=_PLAIN,
        description=f"text of 1 to 64 characters, {_NONE_HIDDEN}, without spaces around it",
    ),
    AfterValidator(_trimmed),
]
"""A text of the playbook that means nothing when it is empty: null is written as null there."""

Money = Annotated[int, Field(ge=1, le=10**15, description="an integer from 1 to 10^15, in minor units")]
"""An amount in minor units (fen, cents), 1 to 10^15; the direction carries the sign."""

Balance = Annotated[
    int, Field(ge=-(10**18), le=10**18, description="an integer from -10^18 to 10^18, in minor units")
]
"""A balance in minor units, at most 10^18 either way."""

Currency = Annotated[
    str,
    Field(
        description="an active ISO 4217 code in capitals, e.g. CNY (which RMB and CNH are not)",
        json_schema_extra={"enum": sorted(CURRENCIES)},
    ),
    AfterValidator(check_currency),
]
"""An ISO 4217 code."""
