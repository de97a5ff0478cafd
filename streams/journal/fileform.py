"""Whether a file can be an events file at all, told from how it begins; and what to do with one that is none."""

from collections.abc import Sequence
from typing import Final

from streams.journal.eventsfile import Line, parse_line

HEAD_BYTES: Final = 4096
"""How many bytes tell what kind of file it is."""
HEAD_LINES: Final = 100
"""If not one of so many lines is of the form, the file is none."""
BOM: Final = b"\xef\xbb\xbf"
"""What programs on Windows write before UTF-8."""

_FORM: Final = 'one JSON object a line, {"topic": …, "key": …, "value": {…}}'
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_ELSEWISE_PACKED: Final = {b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2"}


def no_text(head: bytes) -> str | None:
    """Why bytes at the beginning of a file, at most ``HEAD_BYTES``, are no UTF-8 text; None if they may be."""
    for magic, name in _ELSEWISE_PACKED.items():
        if head.startswith(magic):
            return f"is packed as {name}: unpack it, or pack it with gzip or xz"
    if head.startswith(_UTF_16):
        return "is UTF-16: convert it with 'iconv -f UTF-16 -t UTF-8'"
    if b"\0" in head:
        return "is no text in UTF-8: convert it if it is UTF-16 or UTF-32, as with iconv; else it is another file"
    return None


def no_events(lines: Sequence[bytes]) -> str | None:
    """Why the first ``HEAD_LINES`` lines are none of an events file; None if one of them is, or if all are blank."""
    written = [line.strip() for line in lines if line.strip()]
    if not written or any(isinstance(parse_line(line), Line) for line in written):
        return None
    first = written[0]
    if first.startswith(b"["):
        return f"is a JSON array: write {_FORM}, as 'jq -c .[]' does"
    if not first.startswith(b"{"):
        what = (
            "looks like CSV: an events file has"
            if b"," in first or b";" in first
            else "is no events file: it has"
        )
        return f"{what} {_FORM}"
    return f"is no events file: none of its first {len(written)} lines is {_FORM}; 'jq -c .' puts an object into one"
