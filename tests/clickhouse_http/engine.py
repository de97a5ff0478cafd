"""The embedded ClickHouse engine as a server's back: a statement and its URL parameters in, bytes out."""

import gzip
import re
import threading
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import chdb
import lz4.frame

# Parameters of a request which the HTTP layer itself consumes; every other one is a setting.
_NOT_SETTINGS: Final = frozenset(
    {
        *("query", "database", "user", "password", "query_id", "quota_key", "role"),
        *("session_id", "session_timeout", "session_check", "compress", "decompress", "buffer_size"),
        *("wait_end_of_query", "client_protocol_version", "default_format"),
        *("send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression"),
    }
)
_SETTING: Final = re.compile(r"[A-Za-z_]\w*")
# Its data follow the first line break; they are binary, and may hold anything.
_INSERT: Final = re.compile(
    rb"\s*(INSERT\s+INTO\s.+?)\s+FORMAT\s+(\w+)[ \t]*\r?\n", re.IGNORECASE | re.DOTALL
)
_FORMAT: Final = re.compile(rb"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_CODE: Final = re.compile(r"Code: (\d+)\..*", re.DOTALL)


class EngineError(Exception):
    """The engine's refusal: its number and its words, as a server would answer them."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Answer(NamedTuple):
    """``format`` is None for a statement that has no result; ``summary`` is the header of that name."""

    body: bytes
    format: str | None
    summary: dict[str, str]


class Engine:
    """One chDB folder; statements run one after another, each with settings and database of its own."""

    def __init__(self, path: Path) -> None:
        self._path = str(path.resolve())
        self._lock = threading.Lock()
        self._root = chdb.connect(self._path)  # keeps the engine open between statements
        [self.version, self.timezone] = self._tabs("SELECT version(), timezone()")

    def run(self, sql: bytes, options: Mapping[str, str]) -> Answer:
        """Run a statement, an insert's data behind it, with what the request's URL asks for."""
        try:
            with self._lock, chdb.connect(self._path) as handle:
                if options.get("database"):
                    handle.query(f"USE {_quoted(options['database'], '`')}")
                for name, value in options.items():
                    if name not in _NOT_SETTINGS and not name.startswith("param_"):
                        handle.query(f"SET {_setting(name)} = {_quoted(value)}")
                insert = _INSERT.match(sql)
                if insert is not None:
                    return _insert(handle, insert[1].decode(), insert[2].decode(), sql[insert.end() :])
                params = {k.removeprefix("param_"): v for k, v in options.items() if k.startswith("param_")}
                return _query(handle, sql, params)
        except RuntimeError as error:  # ChdbError is one
            found = _CODE.search(str(error))
            if found is None:
                raise EngineError(1001, f"Code: 1001. DB::Exception: {error} (STD_EXCEPTION)") from error
            raise EngineError(int(found[1]), found[0]) from error

    def close(self) -> None:
        """Wait for the statement under way and close the folder."""
        with self._lock:
            self._root.close()

    def _tabs(self, sql: str) -> list[str]:
        text: str = self._root.query(sql, "TabSeparated").bytes().decode()
        return text.rstrip("\n").split("\t")


def is_insert(sql: bytes) -> bool:
    """Whether a statement begins as one that inserts."""
    return sql[:200].lstrip()[:7].upper() == b"INSERT "


def decompressed(body: bytes, encoding: str | None) -> bytes:
    """A request's body as it was before ``Content-Encoding``. Raises EngineError.

    The driver compresses block by block, so there may be several frames, one behind the other.
    """
    if encoding in (None, "", "identity"):
        return body
    try:
        return _DECOMPRESS[encoding](body)
    except Exception as error:  # each library has its own
        raise EngineError(
            271, f"Code: 271. DB::Exception: the body is not {encoding}: {error!r}. (CANNOT_DECOMPRESS)"
        ) from error


def _insert(handle: Any, statement: str, fmt: str, data: bytes) -> Answer:
    # Not as part of the statement's text: the parser would take a ';' in the data for its end.
    with handle.send_insert(statement, fmt) as stream:
        stream.append(data)
        done = stream.finish()
    return Answer(
        b"", None, {"written_rows": str(done.rows_written), "written_bytes": str(done.bytes_written)}
    )


def _query(handle: Any, sql: bytes, params: dict[str, str]) -> Answer:
    # Without a FORMAT, ask for the names too: only so an empty result differs from none at all.
    named = _FORMAT.search(sql)
    result = handle.query(sql, "TabSeparatedWithNames", params=params)
    body = (result.bytes() or b"") if result is not None else b""
    summary = {"read_rows": str(result.rows_read()), "read_bytes": str(result.bytes_read())}
    if named is not None:
        return Answer(body, named[1].decode(), summary)
    names, _, rows = body.partition(b"\n")
    return Answer(rows, "TabSeparated" if names else None, summary)


def _setting(name: str) -> str:
    if _SETTING.fullmatch(name) is None:
        raise EngineError(115, f"Code: 115. DB::Exception: Unknown setting {name!r}. (UNKNOWN_SETTING)")
    return name


def _quoted(text: str, mark: str = "'") -> str:
    return mark + text.replace("\\", "\\\\").replace(mark, f"\\{mark}") + mark


def _frames(opener: Callable[[], Any], data: bytes) -> bytes:
    parts = []
    while data:
        one = opener()
        parts.append(one.decompress(data))
        if not one.eof:
            raise EOFError("it ends within a frame")
        data = one.unused_data or b""
    return b"".join(parts)


def _zstd(data: bytes) -> bytes:
    from backports import zstd  # the driver brings it

    return zstd.decompress(data)


_DECOMPRESS: Final[dict[str | None, Callable[[bytes], bytes]]] = {
    "lz4": lambda data: _frames(lz4.frame.LZ4FrameDecompressor, data),
    "zstd": _zstd,
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
}
