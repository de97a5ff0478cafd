"""The words of ``payday.groups.v1``: what the detector tells the groups that several accounts share (A1).

The key is the group, ``employer:<employer_id>``; a watermark has none and goes to every partition, as a broadcast
does. ``at`` is the
clock a record came at or, for a deadline, its due instant (A4). A group only files what it is told, under its
``at``, and decides daily at 04:00 local on what lies strictly before (A2): so the order in which the records of
several journal partitions arrive decides nothing.

A record sums the accounts of one record set that agree in everything but their amounts; as all is added up, where a
record set was cut decides nothing either. A sum is at most 10^18: what is larger is split.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from schemas.broadcasts import Broadcast
from schemas.dead import Reason, Rejection
from schemas.facts import CycleClass
from schemas.instant import Instant, LocalDate
from schemas.strict import EMPLOYER_PREFIX, Id, StrictModel
from schemas.topics import MAX_VALUE_BYTES

GROUPS: Final = "payday.groups.v1"
EMPLOYER: Final = EMPLOYER_PREFIX
"""Begins the key of an employer's group."""
MOST_PARTITIONS: Final = 500
"""Of the journal. An employer may be heard of in every one, and its answers are one transaction of at most so
many (A2)."""

MOST_MONEY: Final = 10**18
"""A sum of one record, minor units; what is larger is split."""

_Sum = Annotated[int, Field(ge=1, le=MOST_MONEY)]
_AnySum = Annotated[int, Field(ge=-MOST_MONEY, le=MOST_MONEY)]
_Count = Annotated[int, Field(ge=1, le=10**9)]
_NoneOrMore = Annotated[int, Field(ge=0, le=10**9)]
_Partition = Annotated[int, Field(ge=0, lt=MOST_PARTITIONS)]


class PaidOn(StrictModel):
    """A payday, and what was paid on it to all accounts of the record together, minor units."""

    payday: LocalDate
    amount: _Sum


class Paid(StrictModel):
    """The provisional payday or pay of ``count`` accounts with this employer appeared, moved or became void.

    ``was`` null: it appeared; ``now`` (``became`` in code, where ``now`` is a clock's name) null: it became void.
    ``previous``: the accounts' payday with this employer before, null for the first; where that changes, one record
    takes the old back and another says the new. ``partition``: of the journal, where the accounts are and the
    employer's answers go.
    """

    model_config = ConfigDict(strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True)

    type: Literal["paid"]
    employer_id: Id
    at: Instant
    partition: _Partition
    was: PaidOn | None = None
    became: Annotated[PaidOn | None, Field(alias="now")] = None
    previous: LocalDate | None = None
    count: _Count


class Closed(StrictModel):
    """The cycles of ``count`` accounts with this employer closed (R8); void ones are not told.

    ``pay``, ``kept``, ``moved_out``: sums at the close, minor units. ``newly_mover``: transfer_out, and none of the
    account's last three closes was. ``product_count``: of each of the accounts, null without a profile.
    """

    model_config = ConfigDict(strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True)

    type: Literal["closed"]
    employer_id: Id
    at: Instant
    partition: _Partition
    payday: LocalDate
    cycle_class: Annotated[CycleClass, Field(alias="class")]
    pay: _Sum
    kept: Annotated[int, Field(ge=0, le=MOST_MONEY)]
    moved_out: _AnySum
    newly_mover: bool
    product_count: Annotated[int, Field(ge=0, le=10_000)] | None = None
    count: _Count


class Watermark(StrictModel):
    """No record with an earlier ``at`` than ``instant`` follows from journal partition ``partition`` (A4).

    The clock of a groups partition is the least of the ``partitions`` watermarks. ``closed``, ``newly_moved``: cycles
    that closed in the journal partition since its last watermark, and those of them that were newly movers; the
    bank's rate.
    """

    type: Literal["watermark"]
    partition: _Partition
    partitions: Annotated[int, Field(ge=1, le=MOST_PARTITIONS)]
    instant: Instant
    closed: _NoneOrMore
    newly_moved: _NoneOrMore


GroupRecord = Paid | Closed | Watermark | Broadcast
"""What accounts tell, and what is broadcast to both logs."""
_ANY: Final[TypeAdapter[GroupRecord]] = TypeAdapter(Annotated[GroupRecord, Field(discriminator="type")])
_TYPES: Final = "paid, closed, watermark, playbook, calendar, live"
_UNTYPED: Final = frozenset({"union_tag_invalid", "union_tag_not_found"})


def decode_group(value: bytes | None) -> GroupRecord | Rejection:
    """One value of the groups log → record, or why not. Raises nothing, whatever the value is."""
    if value is None:
        return Rejection(Reason.NULL_VALUE, "the value is null; a record is a JSON object")
    if len(value) > MAX_VALUE_BYTES:
        return Rejection(Reason.TOO_LARGE, f"the value has {len(value)} bytes, at most {MAX_VALUE_BYTES}")
    try:
        record: GroupRecord = _ANY.validator.validate_json(value)
    except ValidationError as error:
        return _why(error)
    except ValueError:  # text that pydantic-core cannot even report on
        return Rejection(Reason.MALFORMED, "not valid JSON text: half of a surrogate pair stands alone")
    return record


def _why(error: ValidationError) -> Rejection:
    # Without the input: an employer's figures are nobody's business in a log.
    first: Any = error.errors(include_url=False, include_context=False, include_input=False)[0]
    kind, place = first["type"], first["loc"]
    if kind == "json_invalid":
        return Rejection(Reason.MALFORMED, "not valid JSON; a value is one JSON object in UTF-8")
    if not place and kind not in _UNTYPED:
        return Rejection(Reason.MALFORMED, "not a JSON object")
    if kind in _UNTYPED:
        return Rejection(Reason.UNKNOWN_TYPE, f"type: must be one of {_TYPES}")
    field = ".".join(str(part) for part in place[1:])
    return Rejection(Reason.INVALID, f"{field}: {first['msg']}"[:200])
