"""A partition's own row ↔ a value of the table.

Format 2: the format (one byte), then the parts that the row has, each in MessagePack (see ``envelope``). Format 1, an
array of five, is read.
"""

from typing import Final

import msgspec

from streams.journal.books import Books, PartitionRow
from streams.state import envelope
from streams.state.packing import pack

FORMAT: Final = 2
PARTS: Final = {1: "position", 2: "clock", 3: "topic_id", 4: "books", 5: "watermark"}
"""Number → field. A number is never used again, and what it means never changes."""

_HEAD: Final = bytes([FORMAT])
_DECODERS: Final = {
    number: msgspec.msgpack.Decoder(field.type)
    for number, name in PARTS.items()
    for field in msgspec.structs.fields(PartitionRow)
    if field.name == name
}
_FORMAT_1: Final = b"\x95\x01"
"""MessagePack's mark of an array of five, and its first element."""
_OLD_DECODER: Final = msgspec.msgpack.Decoder(tuple[int, int, int | None, str, Books])


def encode_row(row: PartitionRow) -> bytes:
    """A row → bytes for the table."""
    values = ((number, getattr(row, name)) for number, name in PARTS.items())
    return _HEAD + b"".join(
        envelope.framed(number, pack(value)) for number, value in values if value is not None
    )


def decode_row(value: bytes) -> PartitionRow:
    """Bytes of the table → row. Raises ``StateFormatError`` for what another version wrote."""
    if value.startswith(_FORMAT_1):
        return PartitionRow(*_OLD_DECODER.decode(value)[1:])
    if not value.startswith(_HEAD):
        raise envelope.unknown("a partition's row", f"format {value[:2].hex()}", f"1 and {FORMAT}")
    row = PartitionRow()
    for number, payload in envelope.parts_in(value, len(_HEAD)):
        if number not in PARTS:
            raise envelope.unknown("a partition's row", f"a part {number}", f"parts up to {max(PARTS)}")
        setattr(row, PARTS[number], _DECODERS[number].decode(payload))
    return row
