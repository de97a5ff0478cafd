"""The words of ``schemas.employers`` as the coordinator makes them; a test holds each to its published word."""

from datetime import date

import msgspec

from streams.fast.emitted import JsonStruct
from streams.fast.facts import FastPlaybookRef


class FastEmployerAnswer(
    JsonStruct, gc=False, tag_field="type", tag="employer", rename={"holds_from": "from"}
):
    """See ``schemas.employers.EmployerAnswer``; instants as text."""

    employer_id: str
    at: str
    holds_from: str
    head_count: int
    last_payday: date | None
    gone: bool
    rule: None
    expected: None
    sigma_days: None
    confidence: None
    agree: None
    verdict: None
    playbook: FastPlaybookRef


class FastCoverage(msgspec.Struct, gc=False):
    """See ``schemas.employers.Coverage``."""

    known: int
    products: int
    three: int
    five: int


class FastEmployerPayday(JsonStruct, gc=False):
    """See ``schemas.employers.EmployerPayday``; ``at`` as text."""

    fact: str
    fact_id: str
    version: int
    at: str
    employer_id: str
    payday: date
    heads: int
    pay: int
    counted: bool
    head_count: int
    closed: int
    closed_pay: int
    kept: int
    moved_out: int
    retention: str | None
    loyal: int
    transfer_out: int
    spend_down: int
    newly_movers: int
    coverage: FastCoverage
    expected: date | None
    playbook: FastPlaybookRef
