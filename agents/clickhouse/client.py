"""One way to ClickHouse: a server over HTTP, or the engine inside this process (chDB)."""

from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from agents.errors import BackOff

SETTINGS: Final[dict[str, Any]] = {
    # An insert that has returned is stored: on a server that buffers (the default now), a crash after
    # "ok" would lose rows whose offsets are committed.
    "async_insert": 0,
    "wait_for_async_insert": 1,
}
_CONNECT_TIMEOUT: Final = 10  # seconds
_ANSWER_TIMEOUT: Final = 120  # seconds
_SECURE: Final = {"http": False, "https": True, "clickhouse": False, "clickhouses": True}


class ClickHouseUnavailable(BackOff):
    """ClickHouse cannot be reached or opened; the message says what to do, never the password."""


def connect(dsn: str) -> Client:
    """A client for ``chdb:///folder``, ``http(s)://user:password@host:port/database`` or ``clickhouse://…``.

    ``clickhouse`` means HTTP (port 8123 unless given), ``clickhouses`` HTTPS. The client blocks: use it off
    the event loop. One process at a time may open a chDB folder, and only one folder at a time.
    Raises ClickHouseUnavailable.
    """
    try:
        parts = urlsplit(dsn)
        if parts.scheme == "chdb":
            return clickhouse_connect.get_client(dsn=dsn, settings=dict(SETTINGS))
        return _over_http(dsn, parts)
    except (Error, OSError, ValueError) as error:
        raise ClickHouseUnavailable(_advice(dsn, error)) from error


def _over_http(dsn: str, parts: SplitResult) -> Client:
    if parts.scheme not in _SECURE:
        raise ValueError(f"the scheme is none of chdb, {', '.join(_SECURE)}")
    # The driver reads neither https from a DSN's scheme nor lets two threads share a session.
    secure = _SECURE[parts.scheme] or parts.port in (443, 8443) or "secure=true" in parts.query.lower()
    return clickhouse_connect.get_client(
        dsn=dsn,
        interface="https" if secure else "http",
        settings=dict(SETTINGS),
        connect_timeout=_CONNECT_TIMEOUT,
        send_receive_timeout=_ANSWER_TIMEOUT,
        autogenerate_session_id=False,
    )


def _advice(dsn: str, error: Exception) -> str:
    where = dsn.rpartition("@")[2].partition("?")[0]
    return (
        f"ClickHouse at {where} cannot be used: {error}. Check PAYTIDE_CLICKHOUSE_DSN (the HTTP port, "
        "usually 8123, user and password), or for chdb that no other process has the folder open."
    )
