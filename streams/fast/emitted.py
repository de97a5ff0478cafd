"""What the pipeline gives out, of whatever kind (O1, O2): one list of it comes out of every path."""

from typing import ClassVar, Final, Protocol

import msgspec

_ENCODER: Final = msgspec.json.Encoder()


class JsonStruct(msgspec.Struct, gc=False):
    """A word that is published by itself, as ``schemas.strict.StrictModel`` describes it."""

    def to_json(self) -> bytes:
        """As it is published."""
        return _ENCODER.encode(self)


class Published(Protocol):
    """Something to be published, and where: at one partition if it names one, at every partition if it goes to all,
    else as its topic has it: by its key in a keyed log, beside what gave rise to it elsewhere."""

    @property
    def topic(self) -> str:
        """One of ``schemas.topics``, or the groups log."""
        ...

    @property
    def key(self) -> bytes | None:
        """The record's key."""
        ...

    @property
    def addressed_to(self) -> int | None:
        """The one partition that it is addressed to, None if to none."""
        ...

    @property
    def to_all(self) -> bool:
        """Whether every partition of the topic gets it."""
        ...

    @property
    def counted_as(self) -> str:
        """The label it is counted under."""
        ...

    def to_json(self) -> bytes:
        """As it is published."""
        ...


class Emitted(JsonStruct, gc=False):
    """A word that says itself where it goes."""

    topic: ClassVar[str]
    addressed_to: ClassVar[int | None] = None
    to_all: ClassVar[bool] = False

    @property
    def key(self) -> bytes | None:
        """The record's key, None for what is no account's and no group's."""
        raise NotImplementedError

    @property
    def counted_as(self) -> str:
        """The label it is counted under."""
        raise NotImplementedError
