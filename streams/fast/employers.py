"""The coordinator's answer as it makes it; a test holds it to its published word."""

from datetime import date

from streams.fast.emitted import JsonStruct
from streams.fast.facts import FastPlaybookRef


class FastEmployerAnswer(
    JsonStruct, gc=False, tag_field="type", tag="employer", rename={"holds_from": "from"}
):
    """See ``schemas.answers.EmployerAnswer``; instants as text."""

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
