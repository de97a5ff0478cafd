"""What the pipeline gives out, of whatever kind (O1, O2): one list of it comes out of every path."""

from typing import ClassVar, Final

import msgspec

_ENCODER: Final = msgspec.json.Encoder()


class Emitted(msgspec.Struct, gc=False):
    """A word that is published by itself. ``topic``: where, one of ``schemas.topics``."""

    topic: ClassVar[str]

    @property
    def key(self) -> bytes:
        """The record's key."""
        raise NotImplementedError

    @property
    def counted_as(self) -> str:
        """The label it is counted under."""
        raise NotImplementedError

    def to_json(self) -> bytes:
        """As it is published."""
        return _ENCODER.encode(self)
