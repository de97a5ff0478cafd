"""The accounts of a population: who pays them, how much, and the habits of their holders."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final, NamedTuple

from streams.simulation.employers import Cadence, Employer, employers, pension_offices
from streams.simulation.population import Archetype, Population

_BANKS: Final = ("ICBC", "CCB", "ABC", "BOC", "CMB", "BCM", "PSBC", "ALIPAY", "WECHAT")
_PAYS_A_MONTH: Final = {Cadence.WEEKLY: 52 / 12, Cadence.BIWEEKLY: 26 / 12, Cadence.SEMI_MONTHLY: 2.0}


class Ways(NamedTuple):
    """How an archetype deals with its pay; every number is a share, of accounts, paydays or pay.

    ``movers``: accounts that move their pay out as a rule. ``daily``: of a month's pay, spent day by day.
    ``spends`` and ``repays``: of the pay, spent within the first week, and repaid on a loan: from, to.
    ``invests``: paydays on which a part goes into the bank's own products.
    """

    movers: float = 0.0
    daily: float = 0.3
    spends: tuple[float, float] | None = None
    repays: tuple[float, float] | None = None
    invests: float = 0.0


WAYS: Final = {
    Archetype.SETTLED_MOVER: Ways(movers=1.0, daily=0.12),
    Archetype.LOYAL: Ways(daily=0.2, invests=0.3),
    Archetype.SPENDER: Ways(daily=0.3, spends=(0.45, 0.75)),
    Archetype.MORTGAGE_PAYER: Ways(repays=(0.3, 0.55)),
    Archetype.SPLIT_PAY: Ways(movers=0.4),
    Archetype.THIRTEENTH_SALARY: Ways(movers=0.4),
    Archetype.PENSION: Ways(movers=0.15, daily=0.35),
}


@dataclass(frozen=True, slots=True)
class Customer:
    """An account and its holder's habits. ``pay`` (a payday's) and ``monthly`` in fen.

    ``moves``: chance that a payday's pay is moved out; then usually ``share`` of it, ``delay`` days after,
    at local second ``second``, to ``counterparty``. ``activity``: other postings a day; ``basket``: the
    usual card payment in fen. ``repays``: share of the pay repaid on a loan ``loan_day`` days after.
    """

    account_id: str
    customer_id: str
    archetype: Archetype
    employer: Employer
    pay: int
    monthly: int
    opening_balance: int
    moves: float
    share: float
    delay: int
    second: int
    counterparty: dict[str, Any]
    activity: float
    basket: int
    repays: float
    loan_day: int
    bonus_month: int


def customers(population: Population) -> list[Customer]:
    """The accounts of a population. One account's traits do not depend on how many others there are,
    its employer does."""
    payers = {False: employers(population), True: pension_offices()}
    return [_account(population, n, payers) for n in range(population.accounts)]


def counterparty(rng: Random, same_name: bool = False) -> dict[str, Any]:
    """The other side of a transfer, drawn anew."""
    return {
        "bank_code": rng.choice(_BANKS),
        "account_ref": f"t{rng.getrandbits(40):010x}",
        "same_name": same_name,
    }


def _account(population: Population, n: int, payers: dict[bool, list[Employer]]) -> Customer:
    rng = Random(f"{population.seed}/account/{n}")
    kinds, weights = zip(*population.mix, strict=True)
    archetype = rng.choices(kinds, weights)[0]
    employer = _payer(rng, payers[archetype is Archetype.PENSION])
    ways = WAYS[archetype]
    monthly = _monthly(rng, archetype)
    activity = rng.uniform(0.5, 1.5)
    return Customer(
        account_id=f"a{n:07}",
        customer_id=f"c{n:07}",
        archetype=archetype,
        employer=employer,
        pay=int(monthly / _PAYS_A_MONTH.get(employer.cadence, 1.0)),
        monthly=monthly,
        opening_balance=int(monthly * rng.uniform(0.1, 1.5)),
        moves=0.92 if rng.random() < ways.movers else 0.02,
        share=rng.uniform(0.55, 0.92),
        delay=rng.choices((0, 1, 2, 3), (5, 3, 1, 1))[0],
        second=rng.randrange(9 * 3600, 23 * 3600),
        counterparty=counterparty(rng, same_name=rng.random() < 0.7),
        activity=activity,
        basket=int(monthly * ways.daily / 30 / activity),
        repays=rng.uniform(*ways.repays) if ways.repays else 0.0,
        loan_day=rng.randint(2, 5),
        bonus_month=rng.choice((12, 1)),
    )


def _payer(rng: Random, payers: list[Employer]) -> Employer:
    # Squared: the first employers are large, the last ones small, as in a real bank.
    return payers[int(len(payers) * rng.random() ** 2)]


def _monthly(rng: Random, archetype: Archetype) -> int:
    median = 350_000 if archetype is Archetype.PENSION else 850_000
    return max(200_000, int(median * rng.lognormvariate(0, 0.45)) // 1000 * 1000)
