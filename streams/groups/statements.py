"""What is said of an employer: facts and answers (E2, E6)."""

from typing import Final, NamedTuple

from msgspec.structs import replace

from schemas.groups import EMPLOYER
from schemas.instant import format_instant
from schemas.topics import FACTS, JOURNAL
from streams.accounting import retention
from streams.accounting.cycle_facts import deterministic_id
from streams.calendar.days import to_date
from streams.fast.emitted import JsonStruct
from streams.fast.employers import FastEmployerAnswer
from streams.fast.facts.employer_payday import FastCoverage, FastEmployerPayday
from streams.groups.paydays import GroupPayday
from streams.groups.rules import GroupRules
from streams.groups.state import ClosedSums

KIND: Final = "employer_payday"
ANSWER: Final = "employer"


class Statement(NamedTuple):
    """A word and where it goes (``Published``)."""

    topic: str
    key: bytes | None
    addressed_to: int | None
    word: JsonStruct
    counted_as: str
    to_all: bool = False

    def to_json(self) -> bytes:
        """As it is published."""
        return self.word.to_json()


def employer_of(group: bytes) -> str:
    """The employer_id of a group's key."""
    return group.decode()[len(EMPLOYER) :]


def facts(
    group: bytes, before: list[GroupPayday], after: list[GroupPayday], day: int, rules: GroupRules
) -> list[Statement]:
    """A fact of every payday that is not what it was, by date; where one is no more, it is said to be empty."""
    was, now = {one.date: one for one in before}, {one.date: one for one in after}
    return [
        Statement(FACTS, group, None, _fact(group, now.get(date) or _empty(date), day, rules), KIND)
        for date in sorted({*was, *now})
        if _figures(was.get(date)) != _figures(now.get(date))
    ]


def answer(
    group: bytes, head_count: int, last_payday: int | None, day: int, rules: GroupRules
) -> FastEmployerAnswer:
    """What the journal is told of an employer at the 04:00 of ``day``."""
    return FastEmployerAnswer(
        employer_id=employer_of(group),
        at=format_instant(rules.decided.instant(day)),
        holds_from=format_instant(rules.held.instant(day)),
        head_count=head_count,
        last_payday=None if last_payday is None else to_date(last_payday),
        gone=False,
        rule=None,
        expected=None,
        sigma_days=None,
        confidence=None,
        agree=None,
        verdict=None,
        playbook=rules.playbook,
    )


def gone(sent: FastEmployerAnswer, day: int, rules: GroupRules) -> FastEmployerAnswer:
    """The last that is said of an employer: it goes as it was last ``sent``."""
    return replace(
        sent,
        at=format_instant(rules.decided.instant(day)),
        holds_from=format_instant(rules.held.instant(day)),
        gone=True,
        playbook=rules.playbook,
    )


def says_the_same(one: FastEmployerAnswer, other: FastEmployerAnswer | None) -> bool:
    """Whether nothing but the time of saying differs."""
    return other is not None and one == replace(other, at=one.at, holds_from=one.holds_from)


def addressed(word: FastEmployerAnswer, partitions: int) -> list[Statement]:
    """An answer for each of the journal's ``partitions`` (bits), ascending."""
    return [
        Statement(JOURNAL, None, number, word, ANSWER)
        for number in range(partitions.bit_length())
        if partitions >> number & 1
    ]


def _figures(payday: GroupPayday | None) -> tuple[object, ...] | None:
    # Not the first date: it is not told.
    return None if payday is None else tuple(payday)[1:]


def _empty(date: int) -> GroupPayday:
    return GroupPayday(date, date, 0, 0, ClosedSums(), False, 0)


def _fact(group: bytes, payday: GroupPayday, day: int, rules: GroupRules) -> FastEmployerPayday:
    at, on, employer, closed = (
        rules.decided.instant(day),
        to_date(payday.date),
        employer_of(group),
        payday.closed,
    )
    share = retention.millionths(closed.pay, closed.pay - closed.kept)
    return FastEmployerPayday(
        fact=KIND,
        fact_id=deterministic_id(employer, on, KIND),
        version=at,
        at=format_instant(at),
        employer_id=employer,
        payday=on,
        heads=payday.heads,
        pay=payday.pay,
        counted=payday.counted,
        head_count=payday.head_count,
        closed=closed.count,
        closed_pay=closed.pay,
        kept=closed.kept,
        moved_out=closed.moved_out,
        retention=retention.text(share),
        loyal=closed.loyal,
        transfer_out=closed.transfer_out,
        spend_down=closed.spend_down,
        newly_movers=closed.newly_movers,
        coverage=FastCoverage(closed.known, closed.products, closed.three, closed.five),
        expected=None,
        playbook=rules.playbook,
    )
