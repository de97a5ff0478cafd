"""Customer profiles: one for every account at the start, some updated later (J3)."""

from datetime import date, timedelta
from random import Random
from typing import Any, Final

from schemas.topics import CUSTOMER_PROFILES
from streams.simulation.customers import Customer
from streams.simulation.line import SimulatedLine

# Tiers of assets in fen: 50 thousand, 500 thousand and 3 million yuan.
_SEGMENTS: Final = ((300_000_000, "private"), (50_000_000, "affluent"), (5_000_000, "core"), (0, "mass"))
_STAGES: Final = ("new", "growing", "mature", "declining")


def profile(rng: Random, account: Customer, balance: int, start: date, today: date) -> SimulatedLine:
    """The profile of an account. ``balance`` in fen; ``start``: the simulation's first day.

    What does not change of a customer follows from the account's id, the rest from ``rng``.
    """
    fixed = Random(f"{account.account_id}/{start}")
    stage = fixed.choices(_STAGES, (1, 2, 5, 1))[0]
    aum = balance + int(account.monthly * (fixed.paretovariate(1.2) - 1) * rng.uniform(0.9, 1.1))
    value: dict[str, Any] = {
        "account_id": account.account_id,
        "customer_id": account.customer_id,
        "aum": aum,
        "product_count": 1 + int(fixed.expovariate(0.5)) + rng.randrange(2),
        "segment": next(name for least, name in _SEGMENTS if aum >= least),
        "branch_id": account.employer.branch_id,
        "area": f"area-{int(account.employer.branch_id[-3:]) % 8}",
        "manager_id": f"manager-{fixed.randrange(200):03}",
        "lifecycle_stage": stage,
        "onboarded_on": _onboarded(fixed, stage, start).isoformat(),
        "vip": aum >= 50_000_000,
        "consent": _consent(fixed),
        "maturities": _maturities(rng, aum, today),
    }
    return {"topic": CUSTOMER_PROFILES, "key": account.account_id, "value": value}


def _onboarded(rng: Random, stage: str, start: date) -> date:
    return start - timedelta(days=rng.randint(1, 60) if stage == "new" else rng.randint(200, 4000))


def _consent(rng: Random) -> dict[str, bool]:
    likely = {"sms": 0.8, "wechat": 0.6, "app": 0.9, "call": 0.5, "visit": 0.2}
    return {channel: rng.random() < share for channel, share in likely.items()}


def _maturities(rng: Random, aum: int, today: date) -> list[dict[str, Any]]:
    if aum < 1_000_000 or rng.random() < 0.7:
        return []
    on = today + timedelta(days=rng.randint(5, 180))
    return [{"on": on.isoformat(), "amount": int(aum * rng.uniform(0.2, 0.6))}]
