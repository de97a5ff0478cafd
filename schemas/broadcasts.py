"""Broadcasts: what the detector must know and no account owns, to every partition of the journal (A5, B1)."""

from typing import Annotated, Any, Literal, Self, final

from pydantic import ConfigDict, Field

from schemas.instant import Instant, LocalDate
from schemas.playbook import PLAYBOOK_SCHEMA, Playbook
from schemas.strict import Name, StrictModel


@final
class PlaybookChange(StrictModel):
    """A playbook that is to hold from an instant on (B1). ``schema``: the number of its form; ``playbook``: the
    whole of it, every parameter written, so that no version of the service fills in defaults of its own. It is
    judged where it is read. ``first``: it is for a partition that has none yet, and changes nothing elsewhere (B4)."""

    model_config = ConfigDict(strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True)

    type: Literal["playbook"] = "playbook"
    schema_number: Annotated[int, Field(ge=1, alias="schema", description="an integer from 1 on")]
    since: Annotated[Instant, Field(alias="from")]
    playbook: dict[str, Any]
    first: bool = False

    @classmethod
    def of(cls, book: Playbook, since: int, *, first: bool = False) -> Self:
        """The broadcast of a playbook, whole, that holds from ``since`` (microseconds)."""
        whole = book.model_dump(mode="json")
        return cls(schema_number=PLAYBOOK_SCHEMA, since=since, playbook=whole, first=first)


@final
class CalendarChange(StrictModel):
    """The days on which a country works (P8). A day is worked from Monday to Friday but for ``rest_days``, and on
    ``make_up_days``; after ``valid_until`` nothing is known but that."""

    type: Literal["calendar"] = "calendar"
    code: Name
    version: Annotated[int, Field(ge=1, description="an integer from 1 on")]
    rest_days: list[LocalDate]
    make_up_days: list[LocalDate]
    valid_until: LocalDate


@final
class LiveChange(StrictModel):
    """From which instant on what arises goes out (B5). What is created before it is folded and is a fact, and goes to
    no outward topic."""

    model_config = ConfigDict(strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True)

    type: Literal["live"] = "live"
    since: Annotated[Instant, Field(alias="from")]


Broadcast = PlaybookChange | CalendarChange | LiveChange
