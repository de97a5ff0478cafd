"""A posting as the rules see it: what it does to which bucket (R5)."""

from typing import Final

from schemas.events import PayrollCredit, Transfer
from streams.fast.events import FastCredit, FastTransfer

PostingEvent = PayrollCredit | Transfer | FastCredit | FastTransfer


class Effect:
    """What a posting does. ``LESS_…``: counts negative. ``LEAVING``: an out transfer without ``reverses``."""

    NONE: Final = 0
    CREDIT: Final = 1
    LESS_CREDIT: Final = 2
    LEAVING: Final = 3
    LESS_MOVED_OUT: Final = 4
    SPENT: Final = 5
    LESS_SPENT: Final = 6
    INVESTED: Final = 7
    LESS_INVESTED: Final = 8
    RETURNED: Final = 9
    LESS_RETURNED: Final = 10


class Posting:
    """One posting, kept raw while it may still be reordered (R2).

    ``at``: microseconds; ``effect``: one of ``Effect``; ``amount``, ``balance``: minor units. The last
    three depend on the effect: for a credit the employer, the payroll source and the customer; for a
    leaving transfer the counterparty's account token and bank code, None where they are empty; for what
    undoes one, ``who`` is the event_id of the transfer undone.
    """

    def __init__(
        self,
        at: int,
        event_id: str,
        effect: int,
        amount: int,
        balance: int | None = None,
        who: str | None = None,
        where: str | None = None,
        customer: str | None = None,
    ) -> None:
        self.at = at
        self.event_id = event_id
        self.effect = effect
        self.amount = amount
        self.balance = balance
        self.who = who
        self.where = where
        self.customer = customer

    @property
    def is_pay(self) -> bool:
        """Whether it is a credit or the reversal of one: nothing else changes who paid when, and how much."""
        return self.effect == Effect.CREDIT or self.effect == Effect.LESS_CREDIT


_OUT: Final = {
    "transfer": Effect.LEAVING,
    "consumption": Effect.SPENT,
    "cash": Effect.SPENT,
    "bill": Effect.SPENT,
    "loan_repayment": Effect.SPENT,
    "other": Effect.SPENT,
    "investment": Effect.INVESTED,
    "internal": Effect.INVESTED,
    "interest": Effect.NONE,
    "fee": Effect.NONE,
}
_IN: Final = {
    "transfer": Effect.RETURNED,
    "cash": Effect.RETURNED,
    "other": Effect.RETURNED,
    "consumption": Effect.LESS_SPENT,
    "bill": Effect.LESS_SPENT,
    "loan_repayment": Effect.LESS_SPENT,
    "investment": Effect.LESS_INVESTED,
    "internal": Effect.LESS_INVESTED,
    "interest": Effect.NONE,
    "fee": Effect.NONE,
}
_NEGATED: Final = {
    Effect.NONE: Effect.NONE,
    Effect.LEAVING: Effect.LESS_MOVED_OUT,
    Effect.SPENT: Effect.LESS_SPENT,
    Effect.LESS_SPENT: Effect.SPENT,
    Effect.INVESTED: Effect.LESS_INVESTED,
    Effect.LESS_INVESTED: Effect.INVESTED,
    Effect.RETURNED: Effect.LESS_RETURNED,
}

# One look-up a posting: (direction, kind, carries reverses) → effect. A reversal counts negative
# in the bucket of the opposite direction and same kind.
_EFFECT: Final[dict[tuple[str, str, bool], int]] = (
    {("out", kind, False): effect for kind, effect in _OUT.items()}
    | {("in", kind, False): effect for kind, effect in _IN.items()}
    | {("in", kind, True): _NEGATED[effect] for kind, effect in _OUT.items()}
    | {("out", kind, True): _NEGATED[effect] for kind, effect in _IN.items()}
)


def posting_of(event: PostingEvent, own: frozenset[str]) -> Posting:
    """An event → the posting the rules count. ``own``: the bank's own codes, as counterparties write them."""
    if event.type == "payroll_credit":
        return Posting(
            event.occurred_at,
            event.event_id,
            Effect.CREDIT if event.reverses is None else Effect.LESS_CREDIT,
            event.amount,
            event.balance_after,
            event.employer_id,
            event.payroll_source,
            event.customer_id,
        )
    return _transfer(event, own)


def _transfer(event: Transfer | FastTransfer, own: frozenset[str]) -> Posting:
    party = event.counterparty
    kind = event.kind
    if own and kind == "transfer" and party is not None and party.bank_code in own:
        kind = "internal"
    effect = _EFFECT[event.direction, kind, event.reverses is not None]
    if effect == Effect.LESS_MOVED_OUT:
        return Posting(
            event.occurred_at, event.event_id, effect, event.amount, event.balance_after, event.reverses
        )
    if effect != Effect.LEAVING or party is None:
        return Posting(event.occurred_at, event.event_id, effect, event.amount, event.balance_after)
    return Posting(
        event.occurred_at,
        event.event_id,
        effect,
        event.amount,
        event.balance_after,
        party.account_ref or None,
        party.bank_code or None,
    )
