"""What later decisions need of a customer's profile, as an account keeps it."""

import msgspec

from schemas.events import Profile


class KnownProfile(msgspec.Struct, array_like=True):
    """The parts of a profile that decisions use; ``onboarded_on`` is an ordinal."""

    customer_id: str
    aum: int
    product_count: int
    segment: str
    branch_id: str
    area: str
    manager_id: str
    lifecycle_stage: str
    onboarded_on: int
    vip: bool
    consent: tuple[bool, bool, bool, bool, bool]
    maturities: list[tuple[int, int]]

    @classmethod
    def of(cls, event: Profile) -> "KnownProfile":
        """From the event as published."""
        consent = event.consent
        return cls(
            event.customer_id,
            event.aum,
            event.product_count,
            event.segment,
            event.branch_id,
            event.area,
            event.manager_id,
            event.lifecycle_stage,
            event.onboarded_on.toordinal(),
            event.vip,
            (consent.sms, consent.wechat, consent.app, consent.call, consent.visit),
            [(maturity.on.toordinal(), maturity.amount) for maturity in event.maturities],
        )
