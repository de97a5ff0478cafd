"""What the tests of streams/ share: records from lines, and a partition kept as the detector keeps it."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from hypothesis import settings
from msgspec.structs import replace

from schemas.decode import decode
from schemas.events import Profile
from schemas.groups import GROUPS
from schemas.instant import from_datetime, parse_instant
from schemas.playbook import Playbook
from schemas.tasks import Task
from streams.fast.emitted import Emitted
from streams.fast.facts import FastFact
from streams.fast.tasks import FastTask as Made
from streams.journal.ahead import look_ahead
from streams.journal.books import PartitionRow
from streams.journal.eventsfile import Line, parse_line
from streams.journal.outputs import DeadRecord
from streams.journal.partition import Partition
from streams.journal.row import decode_row, encode_row
from streams.playbook.rules import Rules
from streams.replay.backtest import Result, backtest
from streams.replay.look import look
from streams.state import codec
from streams.state.account import Account, Cycle
from streams.state.keys import is_account
from streams.state.posting import Effect, Posting
from tests.reference.lines import PAYDAY, at, credit, out
from tests.reference.lines import Line as Values
from tests.streams.histories import JOURNAL, PROFILE

ACCOUNT_FIELDS = (
    *("account_id", "currency", "last_at", "history", "alerts", "profile", "due", "folded_to", "employers"),
)
POSTING_FIELDS = ("at", "event_id", "effect", "amount", "balance", "who", "where", "customer")
CYCLE_FIELDS = (
    *("payday", "employer", "source", "customer", "day", "day_ends", "pay", "moved_out", "spent", "invested"),
    *(
        "returned",
        "balance",
        "habitual_out",
        "large_habit",
        "curve",
        "hits",
        "leaving",
        "closed",
        "cycle_class",
        "undone",
        "edition",
        "let_go",
    ),
)
EFFECTS = [effect for name, effect in vars(Effect).items() if name.isupper()]
NEW_PAYDAY = PAYDAY.date()

quick = settings(max_examples=100, deadline=None)
thorough = settings(max_examples=250, deadline=None)


def rules(**parts: dict[str, Any]) -> Rules:
    """The shipped rules, with some parts of the playbook changed."""
    return Rules.of(Playbook.model_validate(parts))


SHIPPED = rules()
UTC = rules(bank={"timezone": "UTC"})


def when(day: int, hour: int = 12, minute: int = 0, second: int = 0) -> int:
    """An instant on a day after the first payday, Shanghai time."""
    return parse_instant(at(day, hour, minute)) + second * 1_000_000


def later(line: Values, seconds: int) -> Values:
    """The same line, some seconds later."""
    value = line["value"]
    field = "instant" if value["type"] == "tick" else "occurred_at"
    moment = datetime.fromisoformat(value[field]).timestamp() + seconds
    return line | {"value": value | {field: datetime.fromtimestamp(moment, PAYDAY.tzinfo).isoformat()}}


def record(values: Values) -> Line:
    """A line of an events file as a record."""
    line = parse_line(json.dumps(values).encode())
    assert isinstance(line, Line), f"the test's own line does not parse: {values}"
    return line


def at_account(line: Values, account: str) -> Values:
    """The same line for another account."""
    if line["value"]["type"] == "tick":
        return line
    return line | {"key": account, "value": line["value"] | {"account_id": account}}


def file_of(*lines: Values, until: int | None = None, by: Rules = SHIPPED) -> Result:
    """A backtest of some lines."""
    parsed = [record(line) for line in lines]
    return backtest(parsed, by, look(parsed), until=until)


def published(task: Made) -> Task:
    """A task as its readers know it: its published word, to the byte."""
    word = Task.model_validate_json(task.to_json())
    assert word.model_dump_json().encode() == task.to_json(), "not the published word"
    return word


def posting(event_id: str, instant: int, effect: int, amount: int = 1, **more: Any) -> Posting:
    """A posting as the rules see it."""
    if effect == Effect.CREDIT:
        more = {"who": "e1", "where": "employed", "customer": "c"} | more
    return Posting(instant, event_id, effect, amount, **more)


def store(table: dict[bytes, bytes], changed: dict[bytes, bytes | None]) -> None:
    """Take what has changed over; only what is there may go."""
    for key, value in changed.items():
        if value is None:
            del table[key]
        else:
            table[key] = value


class Kept:
    """A partition and its table: outputs are collected and changes stored, as the detector does. ``ahead``: the
    playbooks that its log holds."""

    def __init__(
        self,
        by: Rules = SHIPPED,
        *,
        ticking: bool = True,
        ahead: Sequence[Line] = (),
        **more: Any,
    ) -> None:
        def make(row: PartitionRow) -> Partition:
            partition = Partition(by, self.table, row, ticking=ticking, **more)
            look_ahead(ahead, partition.foresee)
            return partition

        self._make: Callable[[PartitionRow], Partition] = make
        self.table: dict[bytes, bytes] = {}
        self.tasks: list[Task] = []
        self.facts: list[FastFact] = []
        self.dead: list[DeadRecord] = []
        self.told: list[Emitted] = []
        self.partition = self._make(PartitionRow())

    def read(self, *lines: Values | Line) -> "Kept":
        """Apply lines, and fire all deadlines after each."""
        for line in lines:
            self.partition.read(line if isinstance(line, Line) else record(line))
            self.partition.work(self.partition.backlog)
        return self

    def read_together(self, lines: list[Line]) -> "Kept":
        """Apply lines as one record set, and fire all deadlines after it."""
        self.partition.read_all(lines)
        self.partition.work(self.partition.backlog)
        return self

    def take(self) -> "Kept":
        """Store what has changed."""
        outputs = self.partition.take()
        self.tasks += [published(one) for one in outputs.emitted if isinstance(one, Made)]
        self.facts += [one for one in outputs.emitted if isinstance(one, FastFact)]
        self.told += [one for one in outputs.emitted if one.topic == GROUPS]
        self.dead += outputs.dead
        store(self.table, outputs.changed)
        return self

    def restart(self) -> "Kept":
        """Go on from the stored bytes alone, as after a crash."""
        self.partition = self._make(decode_row(encode_row(self.take().partition.row)))
        return self

    def go_on(self, row: PartitionRow) -> "Kept":
        """Go on from what the table holds, where ``row`` stands."""
        self.partition = self._make(row)
        return self

    def tick(self, instant: int) -> "Kept":
        """The clock moves on, and all deadlines fire."""
        self.partition.advance(instant)
        self.partition.work(self.partition.backlog)
        return self

    @property
    def accounts(self) -> dict[str, Account]:
        """What is stored."""
        self.take()
        return {
            key.decode(): codec.decode(key, value) for key, value in self.table.items() if is_account(key)
        }

    @property
    def outcome(self) -> tuple[Any, ...]:
        """All that may not depend on how the records were cut: outputs, state, books. A watermark may: it says how
        far the partition is where a transaction ends."""
        self.take()
        row = replace(self.partition.row, watermark=None)
        return (by_account(self.tasks), by_account(self.facts), self.table, row, told_together(self.told))


def all_of(account: Account) -> dict[str, Any]:
    """Everything an account holds, as plain values."""
    return {name: getattr(account, name) for name in ACCOUNT_FIELDS} | {
        "pending": [[getattr(one, name) for name in POSTING_FIELDS] for one in account.pending],
        "cycle": all_of_cycle(account.cycle),
        "told": "as folded" if account.told_as_folded else account.told,
    }


def all_of_cycle(cycle: Cycle | None) -> list[Any] | None:
    """Everything a cycle holds, as plain values."""
    return None if cycle is None else [getattr(cycle, name) for name in CYCLE_FIELDS]


def by_account(words: Iterable[Task] | Iterable[Made] | Iterable[FastFact]) -> dict[str, list[Any]]:
    """Outputs, in order, for each account, "" for what is no account's: between them there is no order to keep."""
    sorted_out: dict[str, list[Any]] = {}
    for word in words:
        known = plain(word)
        sorted_out.setdefault(known.get("account_id", ""), []).append(known)
    return sorted_out


def told_together(words: Iterable[Emitted]) -> Counter[Any]:
    """What the groups log is told, added up, without watermarks."""
    return added_up((word.key, word.to_json()) for word in words if not word.to_all)


def added_up(records: Iterable[tuple[bytes | None, bytes]]) -> Counter[Any]:
    """Keys and values of the groups log that agree in all but their amounts, added up."""
    found: Counter[Any] = Counter()
    for key, value in records:
        told = json.loads(value)
        days = [told.pop(name, None) or {} for name in ("was", "now")]
        money = {name: told.pop(name, 0) for name in ("count", "pay", "kept", "moved_out")}
        money |= {f"day {place}": day.get("amount", 0) for place, day in enumerate(days)}
        about = (key, *sorted(told.items(), key=str), *(day.get("payday") for day in days))
        for name, amount in money.items():
            found[about, name] += amount
    return found


def plain(word: Task | Made | FastFact) -> dict[str, Any]:
    """A word as it is published."""
    text = word.model_dump_json() if isinstance(word, Task) else word.to_json()
    found: dict[str, Any] = json.loads(text)
    return found


def cycles(facts: Iterable[FastFact]) -> list[dict[str, Any]]:
    """The account_cycle facts, by account and payday."""
    found = [plain(fact) for fact in facts if fact.fact == "account_cycle"]
    return sorted(found, key=lambda fact: (fact["account_id"], fact["cycle_payday"]))


def lasting(facts: Iterable[FastFact]) -> dict[tuple[str, str], dict[str, Any]]:
    """The facts that R2 promises for any order: account_cycle and curve_point, by kind and id."""
    return {(fact.fact, fact.fact_id): plain(fact) for fact in facts if fact.fact != "outflow"}


def until_text(text: str) -> int:
    """RFC 3339 → instant."""
    return from_datetime(datetime.fromisoformat(text))


TASK_EVENT: Values = {
    "topic": JOURNAL,
    "key": "a",
    "value": {
        "type": "task_event",
        "event_id": "t",
        "account_id": "a",
        "task_id": "x",
        "action": "claimed",
        "occurred_at": at(9),
    },
}
PROFILE_LINE: Values = {"topic": JOURNAL, "key": "a", "value": PROFILE}
LARGE = (credit("p", at(0), 1_000_000), out("x", at(1), 300_000))
"""A payday, and a transfer that is large for it."""


def profiled() -> Account:
    """An account with nothing but a profile."""
    account = Account("a")
    event = decode(json.dumps(PROFILE).encode())
    assert isinstance(event, Profile), "the test's own profile does not decode"
    account.set_profile(event)
    return account
