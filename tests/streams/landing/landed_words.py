"""Published words as the landing reads them, and ways to spoil them."""

from datetime import date
from typing import Any

import msgspec

from schemas.facts import (
    AccountCycle,
    Coverage,
    Curve,
    CurvePoint,
    EmployerPayday,
    Fact,
    HotAccount,
    Leaving,
    Outflow,
    PlaybookInForce,
    PlaybookRef,
    PlaybookRefused,
)
from schemas.facts.withheld import Withheld
from schemas.instant import parse_instant
from schemas.tasks import Habitual, Task, TaskReason
from streams.fast.rows import LandedRow
from streams.landing.landed import Incoming
from streams.landing.rows import COLUMNS

AT = parse_instant("2026-01-12T16:00:00.000001Z")
PLAYBOOK = PlaybookRef(name="default", version=3)
HABIT = Habitual(amount=400, day=1, hour=9)
REASON = TaskReason(rule="single_large", observed=500, threshold=300, event_id="e", habitual=HABIT)

KIND: dict[str, Any] = {"class": "loyal"}  # not a name Python can call it by
CYCLE = AccountCycle(
    **KIND,
    fact_id="f1",
    account_id="a",
    cycle_payday=date(2026, 1, 5),
    employer_id="e",
    segment="mass",
    playbook=PLAYBOOK,
    payroll_source="employed",
    currency="CNY",
    pay=1000,
    moved_out=500,
    spent=-1,
    invested=0,
    returned=2,
    retained=["1.000000", None],
    balance=[10**18, None],
    truncated=False,
    flags=["single_large"],
    habitual_out=0,
    closed_at=AT,
)
ABOUT = {
    name: getattr(CYCLE, name)
    for name in (
        "account_id",
        "cycle_payday",
        "employer_id",
        "segment",
        "playbook",
        "payroll_source",
        "currency",
    )
}
CURVE = Curve(
    **ABOUT,
    fact_id="f2",
    points=[CurvePoint(day=day, retained="0.500000", balance=7 - day) for day in range(8)],
)
LEFT = [
    Leaving(event_id=str(n), occurred_at=AT, day=1, hour=9, bank_code=code, amount=500, habitual=n > 0)
    for n, code in enumerate(["B1", None])
]
OUTFLOW = Outflow(**ABOUT, fact_id="f3", transfers=LEFT)
HOT = HotAccount(
    fact_id="f4",
    account_id="a",
    day=date(2026, 1, 12),
    pending_limit=1000,
    folded_to=AT,
    playbook=PLAYBOOK,
)
TAKEN = PlaybookInForce(fact_id="f5", partition=1, number=0, since=None, at=None, playbook=PLAYBOOK)
EMPLOYER_PAYDAY = EmployerPayday(
    fact_id="f8",
    version=AT,
    at=AT,
    employer_id="e",
    payday=date(2026, 1, 5),
    heads=3,
    pay=10**20,
    counted=True,
    head_count=3,
    closed=2,
    closed_pay=10**20,
    kept=10**19,
    moved_out=-1,
    retention="0.100000",
    loyal=1,
    transfer_out=1,
    spend_down=0,
    newly_movers=1,
    coverage=Coverage(known=2, products=7, three=1, five=0),
    expected=None,
    playbook=PLAYBOOK,
)
REFUSED = PlaybookRefused(fact_id="f6", partition=1, since=AT, at=AT, detail="why", playbook=None)
TASK = Task(
    task_id="t",
    version=2,
    kind="outflow_alert",
    status="open",
    account_id="a",
    customer_id="c",
    cycle_payday=date(2026, 1, 5),
    employer_id="e",
    currency="CNY",
    segment="mass",
    pattern=None,
    priority=80,
    reasons=[REASON],
    curve=[CurvePoint(day=0, retained=None, balance=None)],
    playbook=PLAYBOOK,
    first_contact_due=AT,
    close_due=AT,
    expires_at=AT,
    branch_id=None,
    area="north",
    manager_id=None,
    offer=None,
    created_at=AT,
    subject="a",
    sentence="账户a：…",
)
WITHHELD = Withheld(fact_id="f7", account_id="a", task=TASK)


def published(fact: Fact | Task, offset: int = 42) -> Incoming:
    return Incoming(fact.model_dump_json().encode(), partition=1, offset=offset, timestamp=1_700_000_000_123)


def named(row: LandedRow) -> dict[str, object]:
    return dict(zip(COLUMNS[row.table], row.values, strict=True))


def changed(word: Fact | Task, **fields: Any) -> bytes:
    """A word as it is published, some of its fields otherwise."""
    value: bytes = msgspec.json.encode({**msgspec.json.decode(word.model_dump_json()), **fields})
    return value


def without(word: Fact | Task, name: str) -> bytes:
    fields = msgspec.json.decode(word.model_dump_json())
    del fields[name]
    value: bytes = msgspec.json.encode(fields)
    return value
