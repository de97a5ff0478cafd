"""The register of the parts that an account's state is made of.

A number is never used again, and what it means never changes: bytes that were written once must be read for ever. A
change of a part is a new part with the next free number; the old one is read, and no longer written.
"""

from typing import Final

import msgspec

from streams.state.account import Account
from streams.state.ledger_part import LedgerPart
from streams.state.packing import pack
from streams.state.part import Part

LEDGER: Final = 1
HISTORY: Final = 2
ALERTS: Final = 3
PROFILE: Final = 4
FOLDED_TO: Final = 5
UNDONE: Final = 6
EDITION: Final = 7
ORIGINS: Final = 8
LET_GO: Final = 9
EMPLOYERS: Final = 10
TOLD: Final = 11

_ORDER: Final = msgspec.msgpack.Decoder(tuple[int, str])
_IDS: Final = msgspec.msgpack.Decoder(list[str])
_NUMBER: Final = msgspec.msgpack.Decoder(int)


def _packed(kept: object) -> bytes:
    # A list, or its encoding, which is carried along as it was read.
    if isinstance(kept, bytes):
        return kept
    return pack(kept) if kept else b""


class HistoryPart(Part):
    """The cycles that have ended; encoded until somebody asks for them."""

    def write(self, account: Account) -> bytes:
        """As it was read, if it was only carried along."""
        return _packed(account.packed_history)

    def read(self, account: Account, payload: bytes) -> None:
        """Decoded on demand."""
        account.packed_history = payload


class AlertsPart(Part):
    """The alerts that may get another version; encoded until somebody asks for them."""

    def write(self, account: Account) -> bytes:
        """As it was read, if it was only carried along."""
        alerts = account.packed_alerts
        if isinstance(alerts, bytes):
            return alerts
        if not alerts:
            return b""
        return pack([(a.about, a.version, a.created_at, a.hits, a.superseded, a.kind) for a in alerts])

    def read(self, account: Account, payload: bytes) -> None:
        """Decoded on demand."""
        account.packed_alerts = payload


class ProfilePart(Part):
    """The customer's profile; decoded each time somebody asks for it."""

    def write(self, account: Account) -> bytes:
        """As it was read, or set."""
        return account.profile

    def read(self, account: Account, payload: bytes) -> None:
        """Decoded on demand."""
        account.profile = payload


class FoldedToPart(Part):
    """Up to where a hot account was folded before its time (R11)."""

    def write(self, account: Account) -> bytes:
        """Nothing for the accounts that are not hot."""
        return b"" if account.folded_to is None else pack(account.folded_to)

    def read(self, account: Account, payload: bytes) -> None:
        """A place in R2 order."""
        account.folded_to = _ORDER.decode(payload)


class UndonePart(Part):
    """The transfers that were undone in the open cycle, which the ledger's part has brought."""

    def write(self, account: Account) -> bytes:
        """Nothing for the many cycles in which none was."""
        cycle = account.cycle
        return b"" if cycle is None or not cycle.undone else pack(list(cycle.undone))

    def read(self, account: Account, payload: bytes) -> None:
        """In the order in which they were undone."""
        assert account.cycle is not None, "the ledger's part comes first"
        account.cycle.undone = dict.fromkeys(_IDS.decode(payload))


class EditionPart(Part):
    """The edition of the playbook that the open cycle goes by (B2)."""

    def write(self, account: Account) -> bytes:
        """Nothing for the first."""
        cycle = account.cycle
        return b"" if cycle is None or cycle.edition == 0 else pack(cycle.edition)

    def read(self, account: Account, payload: bytes) -> None:
        """Its number in the partition."""
        assert account.cycle is not None, "the ledger's part comes first"
        account.cycle.edition = _NUMBER.decode(payload)


class OriginsPart(Part):
    """Under which edition each alert was opened, and whether it goes out (B2, B5), in the order of the alerts."""

    def write(self, account: Account) -> bytes:
        """As it was read, if the alerts were only carried along; nothing where the first edition opened them all and
        they go out."""
        alerts = account.packed_alerts
        if isinstance(alerts, bytes):
            return account.packed_origins
        if not any(alert.edition != 0 or alert.inward for alert in alerts):
            return b""
        return pack([(alert.edition, alert.inward) for alert in alerts])

    def read(self, account: Account, payload: bytes) -> None:
        """Decoded with the alerts."""
        account.packed_origins = payload


class LetGoPart(Part):
    """How many leaving transfers of the open cycle are not held any more (R11)."""

    def write(self, account: Account) -> bytes:
        """Nothing for the many cycles that hold all of theirs."""
        cycle = account.cycle
        return b"" if cycle is None or cycle.let_go == 0 else pack(cycle.let_go)

    def read(self, account: Account, payload: bytes) -> None:
        """The place of the first that is held."""
        assert account.cycle is not None, "the ledger's part comes first"
        account.cycle.let_go = _NUMBER.decode(payload)


class EmployersPart(Part):
    """The last employers and the last payday with each (P1). Of the one employer that most have, no more is written
    than how many days before the open cycle's payday it was; encoded until somebody asks, and at the latest when the
    open cycle is no more the one it was written for."""

    def write(self, account: Account) -> bytes:
        """Nothing before a cycle has ended with pay."""
        employers, cycle = account.packed_employers, account.cycle
        if isinstance(employers, bytes):
            return employers
        if not employers:
            return b""
        employer, payday = employers[0]
        if len(employers) == 1 and cycle is not None and cycle.employer == employer:
            return pack(cycle.payday - payday)
        return pack(employers)

    def read(self, account: Account, payload: bytes) -> None:
        """Decoded on demand."""
        account.packed_employers = payload


class ToldPart(Part):
    """What the groups were told of paydays that may still change (A1). Of the many accounts whose credits are all
    folded a mark says that it is the open cycle's; encoded until somebody asks."""

    def write(self, account: Account) -> bytes:
        """Nothing where nothing was told, as in the accounts of versions that told nothing."""
        return _packed(account.packed_told)

    def read(self, account: Account, payload: bytes) -> None:
        """Decoded on demand."""
        account.packed_told = payload


PARTS: Final[list[Part]] = [
    LedgerPart(LEDGER),
    HistoryPart(HISTORY),
    AlertsPart(ALERTS),
    ProfilePart(PROFILE),
    FoldedToPart(FOLDED_TO),
    UndonePart(UNDONE),
    EditionPart(EDITION),
    OriginsPart(ORIGINS),
    LetGoPart(LET_GO),
    EmployersPart(EMPLOYERS),
    ToldPart(TOLD),
]
"""Every part, in the order in which they are written and read."""
BY_NUMBER: Final[dict[int, Part]] = {part.number: part for part in PARTS}
