"""What the pipeline refuses says how to mend it, in at most 200 characters, without the value (O3, X8, R2, R10)."""

import pytest

from schemas.dead import Reason, Rejection
from schemas.decode import decode
from schemas.expected import MOST
from schemas.instant import HOUR
from streams.pipeline import AccountEvent, step
from tests.reference.lines import at, out
from tests.streams.builders import SHIPPED, Kept, Values, record, when


def refused(line: Values, clock: int, *before: Values) -> Rejection:
    account = None
    for earlier in (*before, line):
        event = decode(record(earlier).value)
        assert isinstance(event, AccountEvent)
        done = step(account, event, clock, SHIPPED)
        account = done.account
    assert done.refused is not None, "it was applied"
    assert len(done.refused.detail) < MOST, "the end of the sentence is cut off"
    return done.refused


def test_another_currency_is_told_the_accounts() -> None:
    euros = out("y", at(1), 1, currency="EUR")
    assert refused(euros, when(1), out("x", at(1), 1)) == Rejection(
        Reason.CURRENCY_MISMATCH, "currency: must be CNY, as in the account's earlier postings"
    )


@pytest.mark.parametrize(("behind", "seconds"), [(24 * HOUR + 1, 86_401), (48 * HOUR, 172_800)])
def test_what_is_too_late_says_by_how_much_and_what_is_allowed(behind: int, seconds: int) -> None:
    assert refused(out("x", at(1), 1), when(1) + behind) == Rejection(
        Reason.TOO_LATE,
        f"occurred_at: is {seconds} s before the clock, must be at most 86400 s (allowed_lateness_hours)",
    )


def test_what_lies_in_the_future_points_at_the_producers_clock() -> None:
    rejection = refused(out("x", at(2), 1), when(1))
    assert rejection.reason == Reason.FUTURE_TIMESTAMP
    assert rejection.detail.startswith("occurred_at: is over 5 minutes after the record's timestamp")


@pytest.mark.parametrize(
    ("key", "reason", "detail"),
    [
        ("b", Reason.KEY_MISMATCH, "the record's key must be the account_id, as UTF-8 text"),
        (None, Reason.EMPTY_KEY, "the record has no key; it must be the account_id"),
    ],
)
def test_a_wrong_key_is_told_what_it_must_be(key: str | None, reason: Reason, detail: str) -> None:
    kept = Kept().read(out("x", at(1), 1, key=key)).take()
    assert [dead.rejection for dead in kept.dead] == [Rejection(reason, detail)]
