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


class OpenTask(msgspec.Struct, array_like=True, gc=False):
    """A task that may get another version, whatever its kind (K13). ``about``: the day it is about, an ordinal;
    ``hits``: its reasons. A superseded one is kept as long as its payday may come back, or money may leave
    again (T2): its versions must go on where they were. The kind comes last, since accounts were written
    without it when there was one kind only. ``edition``: of the playbook under which it was opened (B2); ``inward``:
    whether no version of it goes out (B5). These two are stored apart (``parts``)."""

    about: int
    version: int
    created_at: int
    hits: list[Hit]
    superseded: bool = False
    kind: str = "outflow_alert"
    edition: int = 0
    inward: bool = False
