"""What the pipeline gives out, of whatever kind (O1, O2): one list of it comes out of every path."""

from typing import ClassVar, Final

import msgspec

_ENCODER: Final = msgspec.json.Encoder()


class JsonStruct(msgspec.Struct, gc=False):
    """A word that is published by itself, as ``schemas.strict.StrictModel`` describes it."""

    def to_json(self) -> bytes:
        """As it is published."""
        return _ENCODER.encode(self)


class Emitted(JsonStruct, gc=False):
    """A word and where it goes. ``topic``: one of ``schemas.topics``."""

    topic: ClassVar[str]

    @property
    def key(self) -> bytes | None:
        """The record's key, None for what is no account's."""
        raise NotImplementedError

    @property
    def counted_as(self) -> str:
        """The label it is counted under."""
        raise NotImplementedError
