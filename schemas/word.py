"""What every published word has in common: strict types, unknown fields ignored (DESIGN 2)."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Word(BaseModel):
    """Base of every event, fact, task and playbook part."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


Id = Annotated[str, Field(min_length=1, max_length=64)]
"""An identifier, 1 to 64 characters."""

Text = Annotated[str, Field(max_length=64)]
"""A short text such as a bank code, 0 to 64 characters."""

Money = Annotated[int, Field(ge=1, le=10**15)]
"""An amount in minor units (fen, cents), 1 to 10^15; the direction carries the sign."""

Balance = Annotated[int, Field(ge=-(10**18), le=10**18)]
"""A balance in minor units, at most 10^18 either way."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code."""
