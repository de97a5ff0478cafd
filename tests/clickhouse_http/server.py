"""A ClickHouse server for tests: its HTTP interface over the embedded engine, and faults on request.

``python -m tests.clickhouse_http.server --path DIR --port PORT``; a process of its own, as chDB opens one folder a
process. Enough of the interface for clickhouse_connect: no form bodies, no compressed answers, no sessions.

``POST /_fault?mode=MODE&seconds=S`` (``GET`` tells the mode and how many requests each mode has hit):

- ``refuse``: nobody listens, and open connections are cut; nor does ``/_fault`` answer until it is over.
- ``hang``: requests are taken and wait; when it is over they are done, whether or not the client waited.
- ``error``: every request is answered 500, having done nothing.
- ``cut``: an insert's connection is reset in the middle of its body; nothing is stored.
- ``cut-after``: an insert is stored, its connection reset before the answer.
- ``slow``: every request takes half a second longer.
- ``ok``: none of these, from now on. Every other mode ends by itself after its seconds.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import struct
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.clickhouse_http.engine import Answer, Engine, EngineError, decompressed, is_insert

HOST: Final = "127.0.0.1"
MODES: Final = ("ok", "refuse", "hang", "error", "cut", "cut-after", "slow")
SLOW_SECONDS: Final = 0.5
ERROR: Final = EngineError(
    241, "Code: 241. DB::Exception: the test asked for an error. (MEMORY_LIMIT_EXCEEDED)"
)
_LINGER_NOT: Final = struct.pack("ii", 1, 0)


class Faults:
    """What goes wrong now, until when, and how many requests it has hit."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._mode, self._until = "ok", 0.0
        self.hits: Counter[str] = Counter()

    @property
    def mode(self) -> str:
        return self._mode if time.monotonic() < self._until else "ok"

    def set(self, mode: str, seconds: float) -> None:
        with self._changed:
            self._mode, self._until = mode, time.monotonic() + seconds
            self._changed.notify_all()

    def hit(self, mode: str) -> None:
        with self._changed:
            self.hits[mode] += 1

    def wait_while(self, mode: str) -> None:
        with self._changed:
            while self.mode == mode:
                self._changed.wait(max(0.001, self._until - time.monotonic()))


class Listener(ThreadingHTTPServer):
    """Listens from its making to the next ``refuse``, and knows its connections."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, engine: Engine, faults: Faults) -> None:
        self.engine, self.faults = engine, faults
        self._open: set[socket.socket] = set()
        super().__init__((HOST, port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # a client that went away is no news
            super().handle_error(request, client_address)

    def refuse(self, asking: socket.socket) -> None:
        """Stop listening and cut every connection but the one that asks."""
        self.shutdown()
        self.server_close()
        for connection in self._open.copy() - {asking}:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        options = dict(parse_qsl(url.query, keep_blank_values=True))
        if url.path == "/_fault":
            self._control(options)
            return
        faults = self.server.faults
        mode = faults.mode
        if mode in ("hang", "slow", "error"):
            faults.hit(mode)
        if mode == "hang":
            faults.wait_while("hang")
        elif mode == "slow":
            time.sleep(SLOW_SECONDS)
        if faults.mode == "refuse":  # begun meanwhile: a server that is gone stores nothing
            raise ConnectionResetError
        try:
            if mode == "cut" and self.headers.get("Content-Type") == "application/octet-stream":
                self.rfile.read(1)  # of an insert's body, which is under way
                self._reset(mode)
                return
            sql = self._sql(options)
            if mode == "error":
                raise ERROR
            if mode == "cut" and is_insert(sql):
                self._reset(mode)
                return
            answer = Answer(b"Ok.\n", None, {}) if url.path == "/ping" else self._run(sql, options)
            if mode == "cut-after" and is_insert(sql):
                self._reset(mode)
                return
            self._answer(answer)
        except EngineError as error:
            self._send(500, f"{error}\n".encode(), {"X-ClickHouse-Exception-Code": str(error.code)})

    do_GET = do_POST

    def _run(self, sql: bytes, options: dict[str, str]) -> Answer:
        if not sql.strip():
            return Answer(b"Ok.\n", None, {})
        return self.server.engine.run(sql, options)

    def _sql(self, options: dict[str, str]) -> bytes:
        """The statement: of the URL, of the body, or begun in the first and going on in the second."""
        body = decompressed(self._body(), self.headers.get("Content-Encoding"))
        query = options.get("query", "").encode()
        return b"\n".join((query, body)) if query and body else query or body

    def _body(self) -> bytes:
        """The whole body. Raises ConnectionError if the client went away before its end."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self._read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self._line().partition(b";")[0], 16):
            parts.append(self._read(size))
            self._line()
        while self._line().strip():
            pass
        return b"".join(parts)

    def _read(self, size: int) -> bytes:
        data = self.rfile.read(size)
        if len(data) < size:
            raise ConnectionResetError("the client went away within its request")
        return data

    def _line(self) -> bytes:
        line = self.rfile.readline(65_537)
        if not line.endswith(b"\n"):
            raise ConnectionResetError("the client went away within its request")
        return line

    def _answer(self, answer: Answer) -> None:
        headers = {"X-ClickHouse-Timezone": self.server.engine.timezone}
        if answer.format is not None:
            headers["X-ClickHouse-Format"] = answer.format
        self._send(200, answer.body, {**headers, "X-ClickHouse-Summary": json.dumps(answer.summary)})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _reset(self, mode: str) -> None:
        """Cut the connection as a power cut would: no answer, and no orderly end."""
        self.server.faults.hit(mode)
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        os.close(self.connection.detach())

    def _control(self, options: dict[str, str]) -> None:
        self._body()
        faults, mode = self.server.faults, options.get("mode", "ok")
        if mode not in MODES:
            self._send(400, f"mode is none of {', '.join(MODES)}\n".encode(), {})
            return
        if self.command == "POST":
            faults.set(mode, float(options.get("seconds", 0)))
        if self.command == "POST" and mode == "refuse":
            self.server.refuse(self.connection)
            self.close_connection = True
        self._send(200, json.dumps({"mode": faults.mode, "hits": faults.hits}).encode(), {})


def serve(path: Path, port: int) -> None:
    """Answer until SIGTERM or Ctrl+C."""
    engine, faults = Engine(path), Faults()
    try:
        while True:
            with Listener(port, engine, faults) as listener:
                listener.serve_forever(poll_interval=0.02)
            faults.wait_while("refuse")
    finally:
        engine.close()


def _die_with_parent() -> None:
    sys.stdin.read()  # its end is the parent's, however that came
    os._exit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description="A ClickHouse server for tests, with faults on request.")
    parser.add_argument("--path", type=Path, required=True, help="the chDB folder")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--until-eof", action="store_true", help="end with the standard input")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.until_eof:
        threading.Thread(target=_die_with_parent, daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt, SystemExit):
        serve(options.path, options.port)
    os._exit(0)  # threads may still hang, as they were told to


if __name__ == "__main__":
    main()
