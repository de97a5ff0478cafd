"""The parts of an account that are rarely needed: what flags, transfers, past cycles and alerts leave behind."""

import msgspec


class Hit(msgspec.Struct, array_like=True, gc=False):
    """A rule of R9 that held: what was seen, the limit (minor units), by which posting, and its habit."""

    rule: str
    observed: int
    threshold: int
    event_id: str
    at: int
    habit: tuple[int, int, int] | None


class LeavingTransfer(msgspec.Struct, array_like=True, gc=False):
    """An out transfer inside a cycle: day of the cycle, local hour, amount in minor units."""

    event_id: str
    at: int
    day: int
    hour: int
    amount: int
    bank: str | None
    ref: str | None
    habitual: bool


class Habit(msgspec.Struct, array_like=True, gc=False):
    """What remains of a leaving transfer in the history: enough to recognise the next one."""

    day: int
    hour: int
    amount: int
    bank: str
    ref: str


class Past(msgspec.Struct, array_like=True, gc=False):
    """A cycle that has ended: its class, its transfers for the habit rule, and whether a habitual
    transfer of flag size was among them."""

    payday: int
    cycle_class: str
    habits: list[Habit]
    large_habit: bool


class Alert(msgspec.Struct, array_like=True, gc=False):
    """The ``outflow_alert`` of a cycle that is not final yet (T1, T2). A superseded one is kept as long
    as its payday may come back, or money may leave again: its versions must go on where they were."""

    payday: int
    version: int
    created_at: int
    hits: list[Hit]
    superseded: bool = False
