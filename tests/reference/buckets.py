"""Where the money went (R5), and what is retained of the pay (R6)."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

from tests.reference.model import Posting

BUCKETS = {
    ("out", "transfer"): ("moved_out", 1),
    ("out", "consumption"): ("spent", 1),
    ("out", "cash"): ("spent", 1),
    ("out", "bill"): ("spent", 1),
    ("out", "loan_repayment"): ("spent", 1),
    ("out", "other"): ("spent", 1),
    ("out", "investment"): ("invested", 1),
    ("out", "internal"): ("invested", 1),
    ("in", "investment"): ("invested", -1),
    ("in", "internal"): ("invested", -1),
    ("in", "transfer"): ("returned", 1),
    ("in", "cash"): ("returned", 1),
    ("in", "other"): ("returned", 1),
    ("in", "consumption"): ("spent", -1),
    ("in", "bill"): ("spent", -1),
    ("in", "loan_repayment"): ("spent", -1),
}
NO_BUCKET = ("interest", "fee")
OPPOSITE = {"in": "out", "out": "in"}


def effect(posting: Posting) -> tuple[str, int] | None:
    """R5: the bucket of one posting and what it adds there."""
    if posting.credit:
        return "pay", -posting.amount if posting.reverses else posting.amount
    assert posting.direction is not None
    assert posting.kind is not None
    if posting.kind in NO_BUCKET:
        return None
    if posting.reverses:
        bucket, sign = BUCKETS[OPPOSITE[posting.direction], posting.kind]
        return bucket, -sign * posting.amount
    bucket, sign = BUCKETS[posting.direction, posting.kind]
    return bucket, sign * posting.amount


def totals(postings: Iterable[Posting]) -> Counter[str]:
    """Pay and buckets over some of a cycle's postings, its opening credit included."""
    sums: Counter[str] = Counter()
    for bucket, amount in filter(None, map(effect, postings)):
        sums[bucket] += amount
    return sums


def retained(sums: Counter[str]) -> Fraction | None:
    """R6, unrounded; None where there is no pay."""
    if sums["pay"] <= 0:
        return None
    gone = max(0, sums["moved_out"] + sums["spent"] - sums["returned"])
    return max(Fraction(0), 1 - Fraction(gone, sums["pay"]))


def six_decimals(share: Fraction | None) -> str | None:
    """R6: half-even, which is how ``round`` rounds a Fraction."""
    if share is None:
        return None
    whole, part = divmod(round(share * 10**6), 10**6)
    return f"{whole}.{part:06d}"
