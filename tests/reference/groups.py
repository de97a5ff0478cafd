"""The groups log from the rules alone: every decision from the whole history before it, nothing carried over.

A1, A2, A9, E1, E2, E6 and P1. Records are plain dictionaries as they stand in the log, in any order; money and
heads are added up anew for each 04:00.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]
NAMESPACE = uuid.UUID("6f1c2f0e-6a3b-5d0b-9c64-7d1f5e0b8a11")
CLASSES = ("loyal", "transfer_out", "spend_down")
A_DAY = timedelta(days=1)


class Reference:
    """One employer's history under one playbook."""

    def __init__(
        self, records: Iterable[Record], zone: str, merge_days: int, playbook: dict[str, Any]
    ) -> None:
        self.zone = ZoneInfo(zone)
        self.merge_days = merge_days
        self.playbook = playbook
        self.by_day: dict[date, list[Record]] = defaultdict(list)
        for record in records:
            self.by_day[self.decided_on(record)].append(record)

    def hour(self, day: date, hour: int) -> datetime:
        """A local hour of a day."""
        return datetime.combine(day, time(hour), self.zone)

    def decided_on(self, record: Record) -> date:
        """The day at whose 04:00 a record counts: the first later than its ``at``."""
        at = datetime.fromisoformat(record["at"])
        day = at.astimezone(self.zone).date() - A_DAY
        while self.hour(day, 4) <= at:
            day += A_DAY
        return day

    def lives(self, until: date) -> list[tuple[list[date], date | None]]:
        """The days with a decision, cut where nothing was told for 400 days; and when the employer goes."""
        lives: list[tuple[list[date], date | None]] = []
        for day in sorted(one for one in self.by_day if one <= until):
            if lives and day - lives[-1][0][-1] <= timedelta(days=400):
                lives[-1][0].append(day)
            else:
                lives.append(([day], None))
        return [
            (days, days[-1] + timedelta(days=400) if days[-1] + timedelta(days=400) <= until else None)
            for days, _ in lives
        ]

    def said(self, until: date) -> tuple[list[Record], list[tuple[int, Record]]]:
        """Every fact, and every answer with its partition, up to and with the 04:00 of ``until``."""
        facts: list[Record] = []
        answers: list[tuple[int, Record]] = []
        for days, goes in self.lives(until):
            sent: Record | None = None
            heard: set[int] = set()
            before: dict[date, Record] = {}
            for n, day in enumerate(days):
                told = [record for one in days[: n + 1] for record in self.by_day[one]]
                now, count, last = self.paydays(told)
                facts += self.facts(told[0]["employer_id"], before, now, day)
                before = now
                new = {record["partition"] for record in self.by_day[day]} - heard
                heard |= new
                answer = self.answer(told[0]["employer_id"], count, last, day)
                if count < 2:
                    answers += [(one, self.gone(sent, day)) for one in sorted(heard)] if sent else []
                    sent = None
                elif sent is None or self.fields(answer) != self.fields(sent):
                    sent = answer
                    answers += [(one, answer) for one in sorted(heard)]
                else:
                    answers += [(one, answer) for one in sorted(new)]
            if goes is not None and sent is not None:
                answers += [(one, self.gone(sent, goes)) for one in sorted(heard)]
        return facts, answers

    def paydays(self, told: list[Record]) -> tuple[dict[date, Record], int, date | None]:
        """P1: the paydays that all that was told comes to, the head count, and the last that counted."""
        heads, pay, closed = sums(told)
        found: dict[date, Record] = {}
        head_count, last = 0, None
        dates = sorted(day for day in heads if heads[day] > 0)
        while dates:
            first = dates[0]
            joined = [day for day in dates if (day - first).days < self.merge_days]
            dates = dates[len(joined) :]
            most = max(heads[day] for day in joined)
            name = min(day for day in joined if heads[day] == most)
            paid = sum(heads[day] for day in joined)
            counted = paid > Fraction(head_count, 2)
            if counted:
                head_count, last = max(paid, head_count - head_count // 4), name
            spans = [record for record in closed if 0 <= (day_of(record) - first).days < self.merge_days]
            found[name] = {
                "heads": paid,
                "pay": sum(pay[day] for day in joined),
                "counted": counted,
                "head_count": head_count,
                **figures(spans),
            }
        return found, head_count, last

    def facts(
        self, employer: str, before: dict[date, Record], now: dict[date, Record], day: date
    ) -> list[Record]:
        """A fact for every payday that changed; an empty one where a payday is no more."""
        empty = {"heads": 0, "pay": 0, "counted": False, "head_count": 0, **figures([])}
        at = self.hour(day, 4)
        return [
            {
                "fact": "employer_payday",
                "fact_id": str(uuid.uuid5(NAMESPACE, f"{employer}\x1f{one}\x1femployer_payday")),
                "version": int(at.timestamp()) * 1_000_000,
                "at": text(at),
                "employer_id": employer,
                "payday": str(one),
                **now.get(one, empty),
                "expected": None,
                "playbook": self.playbook,
            }
            for one in sorted({*before, *now})
            if before.get(one) != now.get(one)
        ]

    def answer(self, employer: str, head_count: int, last: date | None, day: date) -> Record:
        """E2, without predictions."""
        nulls = dict.fromkeys(("rule", "expected", "sigma_days", "confidence", "agree", "verdict"))
        return {
            "type": "employer",
            "employer_id": employer,
            "at": text(self.hour(day, 4)),
            "from": text(self.hour(day, 9)),
            "head_count": head_count,
            "last_payday": None if last is None else str(last),
            "gone": False,
            **nulls,
            "playbook": self.playbook,
        }

    def gone(self, sent: Record, day: date) -> Record:
        """A9: the last that is said."""
        return {**sent, "at": text(self.hour(day, 4)), "from": text(self.hour(day, 9)), "gone": True}

    def fields(self, answer: Record) -> Record:
        """What may have changed."""
        return {name: value for name, value in answer.items() if name not in ("at", "from")}


def sums(told: list[Record]) -> tuple[Counter[date], Counter[date], list[Record]]:
    """Heads and pay by date, and the closed cycles."""
    heads: Counter[date] = Counter()
    pay: Counter[date] = Counter()
    for record in told:
        for name, sign in (("was", -1), ("now", 1)):
            on = record.get(name)
            if on is not None:
                heads[date.fromisoformat(on["payday"])] += sign * record["count"]
                pay[date.fromisoformat(on["payday"])] += sign * on["amount"]
    return heads, pay, [record for record in told if record["type"] == "closed"]


def figures(closed: list[Record]) -> Record:
    """E6: what closed cycles come to."""
    kept, pay = sum(one["kept"] for one in closed), sum(one["pay"] for one in closed)
    known = [one for one in closed if one.get("product_count") is not None]
    return {
        "closed": heads_of(closed),
        "closed_pay": pay,
        "kept": kept,
        "moved_out": sum(one["moved_out"] for one in closed),
        "retention": six_decimals(Fraction(kept, pay)) if pay else None,
        **{name: heads_of(one for one in closed if one["class"] == name) for name in CLASSES},
        "newly_movers": heads_of(one for one in closed if one["newly_mover"]),
        "coverage": {
            "known": heads_of(known),
            "products": sum(one["product_count"] * one["count"] for one in known),
            "three": heads_of(one for one in known if one["product_count"] >= 3),
            "five": heads_of(one for one in known if one["product_count"] >= 5),
        },
    }


def previous(told: list[Record]) -> dict[tuple[date, date | None], int]:
    """E1: how many were paid on a date, by their payday before (None for the first)."""
    found: Counter[tuple[date, date | None]] = Counter()
    for record in told:
        before = record.get("previous")
        for name, sign in (("was", -1), ("now", 1)):
            if record.get(name) is not None:
                key = None if before is None else date.fromisoformat(before)
                found[date.fromisoformat(record[name]["payday"]), key] += sign * record["count"]
    return {key: heads for key, heads in found.items() if heads}


def day_of(closed: Record) -> date:
    """The payday of a closed cycle."""
    return date.fromisoformat(closed["payday"])


def heads_of(records: Iterable[Record]) -> int:
    """How many accounts they speak of."""
    return sum(record["count"] for record in records)


def six_decimals(share: Fraction) -> str:
    """Rounded half-even."""
    millionths = Decimal(round(share * 10**6))
    return str((millionths / 10**6).quantize(Decimal("0.000001"), ROUND_HALF_EVEN))


def text(at: datetime) -> str:
    """An instant as it is published."""
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
