"""The words of ``schemas.groups`` for the coordinator's hot path, which msgspec reads in a fraction of the time.

``streams.groups.decode`` decides when they can stand in for pydantic's; a property test holds the two together.
"""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from schemas.facts import CycleClass
from schemas.groups import EMPLOYER, GROUPS, MOST_MONEY, MOST_PARTITIONS
from streams.fast.emitted import Emitted

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Sum = Annotated[int, msgspec.Meta(ge=1, le=MOST_MONEY)]
_AnySum = Annotated[int, msgspec.Meta(ge=-MOST_MONEY, le=MOST_MONEY)]
_Kept = Annotated[int, msgspec.Meta(ge=0, le=MOST_MONEY)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=10**9)]
_NoneOrMore = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
_Partition = Annotated[int, msgspec.Meta(ge=0, lt=MOST_PARTITIONS)]
_Partitions = Annotated[int, msgspec.Meta(ge=1, le=MOST_PARTITIONS)]
_Products = Annotated[int, msgspec.Meta(ge=0, le=10_000)]


class FastPaidOn(msgspec.Struct, gc=False):
    """See ``schemas.groups.PaidOn``."""

    payday: date
    amount: _Sum


class _OfEmployer(Emitted, gc=False):
    topic: ClassVar[str] = GROUPS
    type: ClassVar[str]

    employer_id: _Id

    @property
    def key(self) -> bytes:
        """The employer's group."""
        return (EMPLOYER + self.employer_id).encode()

    @property
    def counted_as(self) -> str:
        """Its type."""
        return self.type


class FastPaid(_OfEmployer, tag_field="type", tag="paid", gc=False, rename={"became": "now"}):
    """See ``schemas.groups.Paid``; ``at`` is text as it is written, and becomes microseconds once decoded."""

    type: ClassVar[Literal["paid"]] = "paid"
    at: Any
    partition: _Partition
    count: _Count
    was: FastPaidOn | None = None
    became: FastPaidOn | None = None
    previous: date | None = None


class FastClosed(_OfEmployer, tag_field="type", tag="closed", gc=False, rename={"cycle_class": "class"}):
    """See ``schemas.groups.Closed``; ``at`` is text as it is written, and becomes microseconds once decoded."""

    type: ClassVar[Literal["closed"]] = "closed"
    at: Any
    partition: _Partition
    payday: date
    cycle_class: CycleClass
    pay: _Sum
    kept: _Kept
    moved_out: _AnySum
    newly_mover: bool
    count: _Count
    product_count: _Products | None = None


class FastWatermark(Emitted, tag_field="type", tag="watermark", gc=False):
    """See ``schemas.groups.Watermark``; ``instant`` is text as it is written, and becomes microseconds once decoded."""

    topic: ClassVar[str] = GROUPS
    to_all: ClassVar[bool] = True
    type: ClassVar[Literal["watermark"]] = "watermark"
    partition: _Partition
    partitions: _Partitions
    instant: Any
    closed: _NoneOrMore
    newly_moved: _NoneOrMore

    @property
    def key(self) -> None:
        """None: it is no group's."""
        return

    @property
    def counted_as(self) -> str:
        """Its type."""
        return self.type
