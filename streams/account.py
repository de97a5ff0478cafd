"""The state of an account: one compact, versioned value, decoded only when it is touched.

Layout: one byte of format version, eight bytes of next deadline (microseconds, signed, big
endian; the largest value means none), then MessagePack arrays. The deadline stands in front so
that the index of deadlines is rebuilt after a recovery without decoding a single account.
"""

import struct
from typing import Any, Final

import msgspec

from schemas.events import Profile
from streams.posting import Posting

FORMAT: Final = 1
NEVER: Final = 2**63 - 1
_HEADER: Final = struct.Struct(">Bq")


class StateFormatError(ValueError):
    """A state written by another version of the service."""


class Hit(msgspec.Struct, array_like=True):
    """A rule of R9 that held: what was seen, the limit (minor units), by which posting, and its habit."""

    rule: str
    observed: int
    threshold: int
    event_id: str
    at: int
    habit: tuple[int, int, int] | None


class Leaving(msgspec.Struct, array_like=True):
    """An out transfer inside a cycle: day of the cycle, local hour, amount in minor units."""

    event_id: str
    at: int
    day: int
    hour: int
    amount: int
    bank: str | None
    ref: str | None
    habitual: bool


class Habit(msgspec.Struct, array_like=True):
    """What remains of a leaving transfer in the history: enough to recognise the next one."""

    day: int
    hour: int
    amount: int
    bank: str
    ref: str


class Cycle(msgspec.Struct, array_like=True):
    """What follows one payday (DESIGN R4 to R9). ``payday``: ordinal; ``day_ends``: instant at which
    the current day ends; ``curve``: (retained in millionths, balance) of each whole day so far."""

    payday: int
    opening_id: str
    employer: str
    source: str
    customer: str
    day: int
    day_ends: int
    pay: int
    moved_out: int = 0
    spent: int = 0
    invested: int = 0
    returned: int = 0
    balance: int | None = None
    habitual_out: int = 0
    large_habit: bool = False
    curve: list[tuple[int | None, int | None]] = []
    hits: list[Hit] = []
    leaving: list[Leaving] = []
    closed: bool = False
    cycle_class: str | None = None

    @property
    def gone(self) -> int:
        """What left the account and did not come back, minor units (DESIGN R6)."""
        return self.moved_out + self.spent - self.returned


class Past(msgspec.Struct, array_like=True):
    """A cycle that has ended: its class, its transfers for the habit rule, and whether a habitual
    transfer of flag size was among them."""

    payday: int
    cycle_class: str
    habits: list[Habit]
    large_habit: bool


class Alert(msgspec.Struct, array_like=True):
    """The ``outflow_alert`` of a cycle that is not final yet (DESIGN 4). A superseded one is kept as long
    as its payday may come back: its versions must go on where they were."""

    payday: int
    version: int
    created_at: int
    hits: list[Hit]
    superseded: bool = False


class Account(msgspec.Struct, array_like=True):
    """All the service knows of an account. ``pending``: postings in R2 order that may still be
    preceded by a late one; everything before them is folded into ``cycle`` and ``history``.
    ``due``: the next deadline, microseconds."""

    account_id: str
    currency: str | None = None
    last_at: int = -NEVER
    pending: list[Posting] = []
    cycle: Cycle | None = None
    history: list[Past] = []
    alerts: list[Alert] = []
    profile: msgspec.Raw = msgspec.Raw(b"\xc0")
    due: int = NEVER

    def profile_of(self) -> "KnownProfile | None":
        """The customer's profile, decoded on demand."""
        known: KnownProfile | None = _PROFILE.decode(self.profile)
        return known

    def set_profile(self, event: Profile) -> None:
        """Keep what later decisions need of a profile event."""
        self.profile = msgspec.Raw(_ENCODER.encode(KnownProfile.of(event)))

    @property
    def has_profile(self) -> bool:
        """Whether a profile event was read."""
        return bytes(self.profile) != b"\xc0"


class KnownProfile(msgspec.Struct, array_like=True):
    """The parts of a profile that decisions use; ``onboarded_on`` is an ordinal."""

    customer_id: str
    aum: int
    product_count: int
    segment: str
    branch_id: str
    area: str
    manager_id: str
    lifecycle_stage: str
    onboarded_on: int
    vip: bool
    consent: tuple[bool, bool, bool, bool, bool]
    maturities: list[tuple[int, int]]

    @classmethod
    def of(cls, event: Profile) -> "KnownProfile":
        """From the event as published."""
        consent = event.consent
        return cls(
            event.customer_id,
            event.aum,
            event.product_count,
            event.segment,
            event.branch_id,
            event.area,
            event.manager_id,
            event.lifecycle_stage,
            event.onboarded_on.toordinal(),
            event.vip,
            (consent.sms, consent.wechat, consent.app, consent.call, consent.visit),
            [(maturity.on.toordinal(), maturity.amount) for maturity in event.maturities],
        )


_ENCODER: Final = msgspec.msgpack.Encoder()
_ACCOUNT: Final = msgspec.msgpack.Decoder(Account, strict=False)
_PROFILE: Final = msgspec.msgpack.Decoder(KnownProfile | None)


def encode(account: Account) -> bytes:
    """An account → bytes for the table."""
    header = _HEADER.pack(FORMAT, account.due)
    try:
        return header + _ENCODER.encode(account)
    except OverflowError:
        return header + _ENCODER.encode(_wide(account))


def _wide(value: Any) -> Any:
    # MessagePack ends at 64 bits; sums of allowed amounts do not. The decoder reads text as a number.
    if isinstance(value, msgspec.Struct):
        return [_wide(getattr(value, name)) for name in value.__struct_fields__]
    if isinstance(value, list | tuple):
        return [_wide(one) for one in value]
    if type(value) is int and not -NEVER <= value <= NEVER:
        return str(value)
    return value


def decode(value: bytes) -> Account:
    """Bytes of the table → account. Raises ``StateFormatError`` for another format version."""
    if value[0] != FORMAT:
        raise StateFormatError(
            f"account state has format {value[0]}, this version reads {FORMAT}: "
            "run the version that wrote it, or replay the journal into a new application id"
        )
    return _ACCOUNT.decode(memoryview(value)[_HEADER.size :])


def deadline_of(value: bytes) -> int:
    """The next deadline in a value of the table (microseconds, ``NEVER`` for none)."""
    return int(_HEADER.unpack_from(value)[1])
