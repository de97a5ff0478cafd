"""What is kept of a group, as it lies in the table: a byte for the format, then a JSON array.

JSON, because sums of allowed amounts do not fit the 64 bits at which MessagePack ends. Every value is bounded
whatever the size of the group: by days, months and partitions.
"""

from typing import Final, TypeVar

import msgspec

from streams.fast.employers import FastEmployerAnswer
from streams.state.envelope import StateFormatError

FORMAT: Final = 1
LARGEST: Final = 64 * 1024
"""Bytes of a value that no entry of the groups table exceeds (A7)."""
FIRST: Final = 0
"""Stands for the previous payday of accounts that had none."""
EARLIER: Final = 1
"""Stands for previous paydays further back than is told apart."""


class ClosedSums(msgspec.Struct, array_like=True):
    """Closed cycles: how many, money in minor units, how many of each class and newly movers; of how many the
    products are known, their products, and how many have at least three and five (E1)."""

    count: int = 0
    pay: int = 0
    kept: int = 0
    moved_out: int = 0
    loyal: int = 0
    transfer_out: int = 0
    spend_down: int = 0
    newly_movers: int = 0
    known: int = 0
    products: int = 0
    three: int = 0
    five: int = 0

    def add(self, other: "ClosedSums") -> None:
        """Add the other's sums, field by field."""
        self.count += other.count
        self.pay += other.pay
        self.kept += other.kept
        self.moved_out += other.moved_out
        self.loyal += other.loyal
        self.transfer_out += other.transfer_out
        self.spend_down += other.spend_down
        self.newly_movers += other.newly_movers
        self.known += other.known
        self.products += other.products
        self.three += other.three
        self.five += other.five


class PaydaySums(msgspec.Struct, array_like=True):
    """One payday date: accounts whose payday it is and their pay; how many by their previous payday (an ordinal,
    ``FIRST`` or ``EARLIER``); the closed cycles. While they wait for a decision, they are changes, negative or not."""

    heads: int = 0
    pay: int = 0
    by_previous: dict[int, int] = {}
    closed: ClosedSums = msgspec.field(default_factory=ClosedSums)

    def add(self, other: "PaydaySums") -> None:
        """Add the other's sums."""
        self.heads += other.heads
        self.pay += other.pay
        if other.closed.count:
            self.closed.add(other.closed)
        for previous, heads in other.by_previous.items():
            self.note_previous(previous, heads)

    def note_previous(self, previous: int, heads: int) -> None:
        """Count so many more heads, or fewer, with that previous payday."""
        counts = {**self.by_previous, previous: self.by_previous.get(previous, 0) + heads}
        # In order, so that the same sums are the same bytes.
        self.by_previous = {one: counts[one] for one in sorted(counts) if counts[one]}

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is left of it."""
        return self == PaydaySums()


class MonthSums(msgspec.Struct, array_like=True):
    """The closed cycles of a month's paydays."""

    closed: ClosedSums = msgspec.field(default_factory=ClosedSums)


class Waiting(msgspec.Struct, array_like=True):
    """What waits for one 04:00: payday dates with changes (ordinals, ascending), and the journal partitions they
    came from (bits)."""

    dates: list[int] = []
    heard: int = 0


class Observation(msgspec.Struct, array_like=True):
    """A payday that counted (P1): its date (ordinal), and how many were paid."""

    date: int
    heads: int


class Head(msgspec.Struct, array_like=True):
    """What is known of an employer as a whole.

    ``goes``: the day (ordinal) at whose 04:00 it goes if nothing more is told (A9); ``settled_heads``: the head count
    after the paydays that no longer change, ``settled``: the last of them; ``dates``, ``months``: which entries it
    has (ordinals, ascending); ``heard``: partitions it was heard of from (bits); ``sent``: the answer they have.
    """

    goes: int = 0
    settled_heads: int = 0
    settled: list[Observation] = []
    dates: list[int] = []
    months: list[int] = []
    heard: int = 0
    sent: FastEmployerAnswer | None = None


class Watermarks(msgspec.Struct, array_like=True):
    """By partition of the journal, in microseconds; None where none was read yet. Empty: not known how many."""

    instants: list[int | None] = []


Entry = TypeVar("Entry", PaydaySums, MonthSums, Waiting, Head, Watermarks)
_ENCODER: Final = msgspec.json.Encoder()
_PREFIX: Final = bytes([FORMAT])


def encode(kept: PaydaySums | MonthSums | Waiting | Head | Watermarks) -> bytes:
    """An entry → bytes for the table."""
    value = _PREFIX + _ENCODER.encode(kept)
    assert len(value) <= LARGEST, f"an entry {type(kept).__name__} of {len(value)} bytes"
    return value


def decode(value: bytes, kind: type[Entry]) -> Entry:
    """Bytes of the table → entry. Raises ``StateFormatError`` for a newer format."""
    if value[0] != FORMAT:
        raise StateFormatError(
            f"the state of a group has format {value[0]}, this version reads {FORMAT}: "
            "run the version that wrote it, or replay the groups log into a new application id"
        )
    return msgspec.json.decode(value[1:], type=kind)
