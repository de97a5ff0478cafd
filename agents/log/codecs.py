"""Compression of what is read and what is written."""

from collections.abc import Callable
from typing import Final, Literal

from aiokafka import codec

from agents.errors import Stop
from schemas import topics
from schemas.groups import GROUPS

_READABLE: Final[dict[str, Callable[[], bool]]] = {
    "snappy": codec.has_snappy,
    "lz4": codec.has_lz4,
    "zstd": codec.has_zstd,
}


class CodecMissingError(Stop):
    """A codec that any producer may use cannot be read here."""


def require_codecs() -> None:
    """Raise ``CodecMissingError`` at the start, not at the first such batch, perhaps at night."""
    missing = [name for name, is_there in _READABLE.items() if not is_there()]
    if missing:
        raise CodecMissingError(
            f"batches compressed with {', '.join(missing)} cannot be read here, and any producer may send them: "
            "install cramjam into this environment"
        )


def written_with(compression: Literal["none", "gzip", "snappy", "lz4", "zstd"]) -> dict[str, str]:
    """Topic → codec; a topic that is not named is not compressed.

    Not the changelogs: what an account takes is dense already (zstd: 40 % of it, for half the time that an event
    takes). Dead letters are always compressed: what a compressed batch brought may be larger than the broker takes.
    """
    chosen = dict.fromkeys((topics.JOURNAL, GROUPS, topics.FACTS, topics.INTERVENTIONS), compression)
    return {**chosen, topics.DEAD_LETTERS: "zstd" if compression == "none" else compression}
